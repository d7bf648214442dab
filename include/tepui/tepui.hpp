#pragma once

/// @file
/// The whole library.

#include "tepui/backend/winograd.hpp"
#include "tepui/data/data.hpp"
#include "tepui/embed.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/experiment/journal.hpp"
#include "tepui/experiment/study.hpp"
#include "tepui/flatness/flatness.hpp"
#include "tepui/metric/metrics.hpp"
#include "tepui/optim/optim.hpp"
#include "tepui/report/console_observer.hpp"
#include "tepui/report/format.hpp"
#include "tepui/report/table.hpp"
#include "tepui/search/search.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/darts/network.hpp"
#include "tepui/space/darts/published.hpp"
#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/select.hpp"
#include "tepui/space/small.hpp"
#include "tepui/space/space.hpp"
#include "tepui/tabular/tabular.hpp"
