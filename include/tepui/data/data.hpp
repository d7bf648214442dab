#pragma once

/// @file
/// Everything about data sets.

#include "tepui/data/augment.hpp"
#include "tepui/data/cifar.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/fingerprint.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/data/gzip.hpp"
#include "tepui/data/idx.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/data/normalize.hpp"
#include "tepui/data/npy.hpp"
#include "tepui/data/shrink.hpp"
#include "tepui/data/split.hpp"
