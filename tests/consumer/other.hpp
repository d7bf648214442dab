#pragma once

#include <cstdint>

/// Sum of all pixels of `count` drawn images; main.cpp computes it too.
std::uint64_t pixel_sum(int count);
