#pragma once

#include "tepui/search/exhaustive.hpp"
#include "tepui/search/genas_evolution.hpp"
#include "tepui/search/nsga2.hpp"
#include "tepui/search/pareto.hpp"
#include "tepui/search/random.hpp"
#include "tepui/search/rank_statistics.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/search/run.hpp"
#include "tepui/search/strategy.hpp"
