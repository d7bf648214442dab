#include "tepui/backend/cpu/channels.hpp"

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::Shape;
using tepui::backend::Cpu;
using namespace tepui::test;
namespace random = tepui::random;

template <Shape S, class T>
struct Gates {
  int batch;
  std::vector<T> x, dy, gate;
  explicit Gates(int samples)
      : batch(samples),
        x(numbers<T>(static_cast<std::size_t>(samples) * S.size(), 1)),
        dy(numbers<T>(static_cast<std::size_t>(samples) * S.size(), 2)),
        gate(numbers<T>(static_cast<std::size_t>(samples * S.channels), 3)) {}
  std::vector<T> forward() {
    std::vector<T> y(x.size(), T(99));
    Cpu{}.scale_channels_forward<S>(batch, x.data(), gate.data(), y.data());
    return y;
  }
  /// dx, then dgate
  std::vector<T> backward() {
    std::vector<T> result(x.size() + gate.size(), T(99));
    Cpu{}.scale_channels_backward<S>(batch, x.data(), gate.data(), dy.data(), result.data(),
                                     result.data() + x.size());
    return result;
  }
  std::vector<T> pool() {
    std::vector<T> y(gate.size(), T(99));
    Cpu{}.global_avg_pool_forward<S>(batch, x.data(), y.data());
    return y;
  }
  std::vector<T> pool_backward() {
    std::vector<T> dx(x.size(), T(99));
    Cpu{}.global_avg_pool_backward<S>(batch, gate.data(), dx.data());
    return dx;
  }
};

template <Shape S, class T>
void check() {
  SCOPED_TRACE(tepui::to_string(S));
  Gates<S, T> gates(3);
  const auto channels = static_cast<std::size_t>(S.channels);
  const auto pixels = static_cast<double>(S.pixels());
  std::vector<double> y, dx, dgate(gates.gate.size()), mean(gates.gate.size()), share;
  for (std::size_t i = 0; i < gates.x.size(); ++i) {
    const std::size_t g = i / S.size() * channels + i % channels;
    const auto gate = static_cast<double>(gates.gate[g]);
    const auto x = static_cast<double>(gates.x[i]);
    const auto dy = static_cast<double>(gates.dy[i]);
    y.push_back(x * gate);
    dx.push_back(dy * gate);
    dgate[g] += dy * x;
    mean[g] += x / pixels;
    share.push_back(gate / pixels);
  }
  dx.insert(dx.end(), dgate.begin(), dgate.end());
  const double near = tolerance<T>(static_cast<std::size_t>(S.pixels()));
  expect_close(gates.forward(), y, near, "scaled");
  expect_close(gates.backward(), dx, near, "dx, dgate");
  expect_close(gates.pool(), mean, near, "mean");
  expect_close(gates.pool_backward(), share, near, "dx of the mean");
}

TEST(CpuChannels, GatesAndMeansMatchTheReference) {
  check<Shape{3, 5, 5}, float>();
  check<Shape{8, 4, 4}, float>();
  check<Shape{40, 3, 3}, float>();
  check<Shape{17, 1, 1}, double>();
  check<Shape{64, 6, 7}, double>();
}

TEST(CpuChannels, ThreadCountDoesNotChangeABit) {
  Gates<Shape{24, 16, 16}, float> gates(32);
  expect_same_bits_on_any_thread_count([&] { return gates.forward(); }, "gate forward");
  expect_same_bits_on_any_thread_count([&] { return gates.backward(); }, "gate backward");
  expect_same_bits_on_any_thread_count([&] { return gates.pool(); }, "mean forward");
  expect_same_bits_on_any_thread_count([&] { return gates.pool_backward(); }, "mean backward");
}

TEST(CpuChannels, DropoutFollowsTheStreamWordByWord) {
  const random::Key key{5, random::Purpose::dropout, 9};
  std::vector<float> mask(23);
  Cpu{}.dropout_mask(mask.size(), 3, 0.25, key, mask.data());
  random::Stream stream(key);
  for (std::size_t first = 0; first < mask.size(); first += 3) {
    const float wanted = stream() < 0x40000000u ? 0.0F : 4.0F / 3.0F;
    for (std::size_t i = first; i < first + 3 && i < mask.size(); ++i) {
      EXPECT_EQ(mask[i], wanted) << i;
    }
  }
}

TEST(CpuChannels, DropoutDropsItsShare) {
  const random::Key key{7, random::Purpose::dropout, 0};
  constexpr std::size_t n = 100'000;
  const auto mask = [&] {
    std::vector<float> m(n);
    Cpu{}.dropout_mask(n, 1, 0.3, key, m.data());
    return m;
  };
  double dropped = 0;
  for (const float v : mask()) dropped += v == 0 ? 1 : 0;
  EXPECT_NEAR(dropped / n, 0.3, 0.006);  // four standard deviations
  expect_same_bits_on_any_thread_count(mask, "dropout");

  std::vector<float> kept(64);
  Cpu{}.dropout_mask(kept.size(), 1, 0.0, key, kept.data());
  EXPECT_EQ(kept, std::vector<float>(64, 1.0F));
}

}  // namespace
