#pragma once

/// @file
/// What a program needs that runs a found network: layers, the CPU backend, weights from a file.
/// Nothing of the search is included.

#include "tepui/export/parameters.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/version.hpp"
