#include "tepui/backend/cpu/pool.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::Shape;
using tepui::backend::Cpu;
using tepui::backend::PoolGeometry;
using namespace tepui::test;

template <PoolGeometry G, class T>
struct Pools {
  int batch;
  std::vector<T> x, dy;
  explicit Pools(int samples)
      : batch(samples),
        x(numbers<T>(static_cast<std::size_t>(samples) * G.in.size(), 1)),
        dy(numbers<T>(static_cast<std::size_t>(samples) * G.out().size(), 2)) {
    for (auto& v : x) v = std::round(v * T(4)) / T(4);  // ties decide who gets the gradient
  }
  std::vector<T> max_forward() {
    std::vector<T> y(dy.size(), T(99));
    Cpu{}.max_pool_forward<G>(batch, x.data(), y.data());
    return y;
  }
  std::vector<T> max_backward() {
    std::vector<T> dx(x.size(), T(99));
    Cpu{}.max_pool_backward<G>(batch, x.data(), dy.data(), dx.data());
    return dx;
  }
  std::vector<T> average_forward() {
    std::vector<T> y(dy.size(), T(99));
    Cpu{}.avg_pool_forward<G>(batch, x.data(), y.data());
    return y;
  }
  std::vector<T> average_backward() {
    std::vector<T> dx(x.size(), T(99));
    Cpu{}.avg_pool_backward<G>(batch, dy.data(), dx.data());
    return dx;
  }
};

template <PoolGeometry G, class T>
void check() {
  constexpr int batch = 3;
  constexpr Shape out = G.out();
  SCOPED_TRACE(::testing::Message()
               << tepui::to_string(G.in) << " kernel " << G.kernel << " stride " << G.stride
               << " padding " << G.padding << (G.count_padding ? " counted" : ""));
  Pools<G, T> pools(batch);
  std::vector<double> maximum(pools.dy.size()), average(pools.dy.size());
  std::vector<double> dx_max(pools.x.size()), dx_average(pools.x.size());
  for (int n = 0; n < batch; ++n) {
    for (int oy = 0; oy < out.height; ++oy) {
      for (int ox = 0; ox < out.width; ++ox) {
        for (int c = 0; c < out.channels; ++c) {
          const auto target =
              static_cast<std::size_t>(((n * out.height + oy) * out.width + ox) * out.channels + c);
          std::vector<std::size_t> window;
          for (int ky = 0; ky < G.kernel; ++ky) {
            for (int kx = 0; kx < G.kernel; ++kx) {
              const int iy = oy * G.stride - G.padding + ky;
              const int ix = ox * G.stride - G.padding + kx;
              if (iy < 0 || ix < 0 || iy >= G.in.height || ix >= G.in.width) continue;
              window.push_back(static_cast<std::size_t>(
                  ((n * G.in.height + iy) * G.in.width + ix) * G.in.channels + c));
            }
          }
          const double divisor =
              G.count_padding ? G.kernel * G.kernel : static_cast<double>(window.size());
          std::size_t best = window.front();
          for (const std::size_t i : window) {
            if (pools.x[i] > pools.x[best]) best = i;
            average[target] += static_cast<double>(pools.x[i]) / divisor;
            dx_average[i] += static_cast<double>(pools.dy[target]) / divisor;
          }
          maximum[target] = static_cast<double>(pools.x[best]);
          dx_max[best] += static_cast<double>(pools.dy[target]);
        }
      }
    }
  }
  const double near = tolerance<T>(static_cast<std::size_t>(G.kernel * G.kernel));
  expect_close(pools.max_forward(), maximum, 0.0, "max y");
  expect_close(pools.max_backward(), dx_max, near, "max dx");
  expect_close(pools.average_forward(), average, near, "average y");
  expect_close(pools.average_backward(), dx_average, near, "average dx");
}

template <PoolGeometry... G>
void check_all() {
  (check<G, float>(), ...);
  (check<G, double>(), ...);
}

TEST(CpuPool, MatchesTheReference) {
  check_all<PoolGeometry{{3, 5, 7}, 2, 2, 0}, PoolGeometry{{8, 6, 6}, 3, 1, 1},
            PoolGeometry{{16, 9, 8}, 3, 2, 1}, PoolGeometry{{19, 7, 7}, 3, 1, 1, true},
            PoolGeometry{{40, 4, 4}, 2, 2, 0, true}, PoolGeometry{{33, 5, 5}, 5, 1, 2},
            PoolGeometry{{4, 1, 1}, 3, 1, 1}, PoolGeometry{{4, 6, 6}, 1, 2, 0}>();
}

TEST(CpuPool, MaximumShowsNotANumberAndIgnoresPadding) {
  constexpr PoolGeometry g{{1, 1, 3}, 3, 1, 1};
  std::vector<float> y(3);
  Cpu{}.max_pool_forward<g>(1, std::vector<float>{-5, -7, -9}.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{-5, -5, -7}));
  Cpu{}.max_pool_forward<g>(1, std::vector<float>{1, std::nanf(""), 2}.data(), y.data());
  for (const float v : y) EXPECT_TRUE(std::isnan(v));
}

TEST(CpuPool, ThreadCountDoesNotChangeABit) {
  Pools<PoolGeometry{{16, 16, 16}, 3, 1, 1}, float> pools(32);
  expect_same_bits_on_any_thread_count([&] { return pools.max_forward(); }, "max forward");
  expect_same_bits_on_any_thread_count([&] { return pools.max_backward(); }, "max backward");
  expect_same_bits_on_any_thread_count([&] { return pools.average_forward(); }, "avg forward");
  expect_same_bits_on_any_thread_count([&] { return pools.average_backward(); }, "avg backward");
}

}  // namespace
