#pragma once

/// @file
/// Everything about reports for people.

#include "tepui/report/console_observer.hpp"
#include "tepui/report/explore.hpp"
#include "tepui/report/format.hpp"
#include "tepui/report/progress.hpp"
#include "tepui/report/ranking.hpp"
#include "tepui/report/table.hpp"
