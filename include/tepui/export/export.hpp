#pragma once

/// @file
/// Everything about result files: weights, tables, settings, the winner as a header.

#include "tepui/export/cpp_header.hpp"
#include "tepui/export/csv.hpp"
#include "tepui/export/json.hpp"
#include "tepui/export/number.hpp"
#include "tepui/export/parameters.hpp"
#include "tepui/export/safetensors.hpp"
#include "tepui/export/tensor_view.hpp"
