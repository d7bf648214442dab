#pragma once

// What one core can do at best: multiply-adds on registers alone.

#include <chrono>

#include "tepui/backend/cpu/vector.hpp"

namespace engine {

/// @return GFLOP/s of one core in one run of about a millisecond
inline double peak_gflop_per_second() {
  namespace cpu = tepui::backend::detail;
  using Clock = std::chrono::steady_clock;
  constexpr int width = cpu::lanes<float>;
  constexpr int chains = cpu::vector_registers / 2 - 2;
  constexpr int rounds = 300'000;
  using V = cpu::Vector<float, width>;
  volatile float half = 0.5F;
  volatile float sink = 0;
  const V factor = V{} + half;
  const V term = factor + half;
  V sum[chains];
#pragma GCC unroll 16
  for (int c = 0; c < chains; ++c) sum[c] = V{} + static_cast<float>(c);
  const auto begin = Clock::now();
  for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) sum[c] = sum[c] * factor + term;
  }
  V total = sum[0];
#pragma GCC unroll 16
  for (int c = 1; c < chains; ++c) total += sum[c];
  sink = total[0];
  (void)sink;
  return 2e-9 * width * chains * rounds /
         std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace engine
