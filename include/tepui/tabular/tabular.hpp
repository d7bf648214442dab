#pragma once

/// @file
/// Published tables of trained architectures, and searches simulated on them.

#include "tepui/tabular/convert.hpp"
#include "tepui/tabular/nas_bench_201_table.hpp"
#include "tepui/tabular/repeat.hpp"
#include "tepui/tabular/simulate.hpp"
