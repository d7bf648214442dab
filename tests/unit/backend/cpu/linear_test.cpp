#include "tepui/backend/cpu/linear.hpp"

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;
using namespace tepui::test;

template <int In, int Out, class T>
struct Linear {
  int batch;
  std::vector<T> x, w, bias, dy, scratch;
  explicit Linear(int samples)
      : batch(samples),
        x(numbers<T>(static_cast<std::size_t>(samples * In), 1)),
        w(numbers<T>(In * Out, 2)),
        bias(numbers<T>(Out, 3)),
        dy(numbers<T>(static_cast<std::size_t>(samples * Out), 4)),
        scratch(Cpu::linear_scratch<In, Out>().at(samples)) {}
  std::vector<T> forward(bool with_bias) {
    std::vector<T> y(dy.size(), T(99));
    Cpu{}.linear_forward<In, Out>(batch, x.data(), w.data(), with_bias ? bias.data() : nullptr,
                                  y.data(), scratch.data());
    return y;
  }
  std::vector<T> backward_data() {
    std::vector<T> dx(x.size(), T(99));
    Cpu{}.linear_backward_data<In, Out>(batch, dy.data(), w.data(), dx.data(), scratch.data());
    return dx;
  }
  /// dw, then db, added to 1
  std::vector<T> backward_weights() {
    std::vector<T> gradient(w.size() + bias.size(), T(1));
    Cpu{}.linear_backward_weights<In, Out>(batch, x.data(), dy.data(), gradient.data(),
                                           gradient.data() + w.size(), scratch.data());
    return gradient;
  }
};

template <int In, int Out, class T>
void check(int batch) {
  SCOPED_TRACE(::testing::Message() << In << " to " << Out << ", batch " << batch);
  Linear<In, Out, T> linear(batch);
  const auto wanted = reference_conv(ConvGeometry{{In, 1, 1}, Out}, batch, widened(linear.x),
                                     widened(linear.w), widened(linear.bias), widened(linear.dy));
  const auto plain = reference_conv(ConvGeometry{{In, 1, 1}, Out}, batch, widened(linear.x),
                                    widened(linear.w), {}, widened(linear.dy));
  expect_close(linear.forward(true), wanted.y, tolerance<T>(In), "y");
  expect_close(linear.forward(false), plain.y, tolerance<T>(In), "y without bias");
  expect_close(linear.backward_data(), wanted.dx, tolerance<T>(Out), "dx");
  auto gradient = wanted.dw;
  gradient.insert(gradient.end(), wanted.db.begin(), wanted.db.end());
  for (auto& v : gradient) v += 1;
  expect_close(linear.backward_weights(), gradient, tolerance<T>(static_cast<std::size_t>(batch)),
               "dw, db");
}

TEST(CpuLinear, MatchesTheReference) {
  for (const int batch : {1, 3, 8, 17}) {
    check<1, 1, float>(batch);
    check<64, 10, float>(batch);
    check<33, 100, float>(batch);
    check<10, 17, double>(batch);
  }
}

TEST(CpuLinear, ASampleDoesNotDependOnItsCompany) {
  Linear<64, 10, float> eleven(11);
  const auto together = eleven.forward(true);
  std::vector<float> alone(10);
  Cpu{}.linear_forward<64, 10>(1, eleven.x.data() + 2 * 64, eleven.w.data(), eleven.bias.data(),
                               alone.data(), eleven.scratch.data());
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + 20));
}

TEST(CpuLinear, ThreadCountDoesNotChangeABit) {
  Linear<300, 100, float> linear(65);
  expect_same_bits_on_any_thread_count([&] { return linear.forward(true); }, "forward");
  expect_same_bits_on_any_thread_count([&] { return linear.backward_data(); }, "data");
  expect_same_bits_on_any_thread_count([&] { return linear.backward_weights(); }, "weights");
}

}  // namespace
