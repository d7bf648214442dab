#pragma once

/// @file
/// Every metric that is not a flatness estimator.

#include "tepui/metric/angle.hpp"
#include "tepui/metric/metric.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/metric/size.hpp"
#include "tepui/metric/weighted_sum.hpp"
