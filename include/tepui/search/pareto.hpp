#pragma once

#include "tepui/search/crowding.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/search/hypervolume.hpp"
#include "tepui/search/trade_off.hpp"

/// @file
/// All tools on sets of objective vectors. They take an explicit direction and minimise unless
/// told otherwise; scores of an Outcome are larger-is-better, so pass Direction::maximise there.
