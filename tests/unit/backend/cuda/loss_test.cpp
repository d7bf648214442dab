// The loss on the CUDA backend against backend::Cpu: few and many classes, less and more samples
// than a block takes at a time.
#include "tepui/backend/cuda/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/backend/cuda/operations.hpp"

namespace {

using namespace tepui;
using namespace tepui::test;
using backend::cuda::LossSum;
using Device = EmulatedDevice<Reach::open>;
using Operations = backend::cuda::Operations<Device>;
using Order = backend::cuda::HostBlock::Order;

template <int Classes, class T>
LossSum loss_of(Order order, const std::vector<T>& logits, const std::vector<std::uint16_t>& labels,
                double smoothing, T* dlogits) {
  LossSum sum{-1, -1};
  Operations{Device(order)}.softmax_cross_entropy_to<Classes>(
      &sum, static_cast<int>(labels.size()), logits.data(), labels.data(), smoothing, dlogits);
  return sum;
}

template <int Classes, class T>
void check(std::size_t batch, double smoothing) {
  SCOPED_TRACE(::testing::Message() << Classes << " classes, batch " << batch);
  auto logits = numbers<T>(batch * Classes, 1);
  for (T& v : logits) v = std::round(v * T(20)) / T(4);  // several of a sample are the largest
  std::vector<std::uint16_t> labels(batch);
  for (std::size_t s = 0; s < batch; ++s) {
    labels[s] = static_cast<std::uint16_t>(s * 7 % Classes);
  }
  LossSum wanted;
  std::vector<T> slope(logits.size());
  backend::Cpu{}.softmax_cross_entropy<Classes>(static_cast<int>(batch), logits.data(),
                                                labels.data(), smoothing, slope.data(),
                                                &wanted.loss, &wanted.correct);
  const double near = sizeof(T) == 4 ? 1e-7 : 1e-13;
  for (const Order order : {Order::ascending, Order::descending}) {
    std::vector<T> got(logits.size());
    const LossSum sum = loss_of<Classes>(order, logits, labels, smoothing, got.data());
    EXPECT_NEAR(sum.loss, wanted.loss, 1e-12 * wanted.loss);
    EXPECT_EQ(sum.correct, wanted.correct);
    expect_close(got, widened(slope), near, "gradient");

    const LossSum alone = loss_of<Classes, T>(order, logits, labels, smoothing, nullptr);
    EXPECT_EQ(alone.loss, sum.loss);
    EXPECT_EQ(alone.correct, sum.correct);

    auto both = logits;
    EXPECT_EQ(loss_of<Classes>(order, both, labels, smoothing, both.data()).loss, sum.loss);
    EXPECT_EQ(both, got);
  }
}

TEST(CudaLoss, IsThatOfTheProcessor) {
  for (const double smoothing : {0.0, 0.1}) {
    check<2, double>(3, smoothing);
    check<5, double>(600, smoothing);
    check<10, double>(300, smoothing);
    check<10, float>(64, smoothing);
    check<100, double>(37, smoothing);
    check<1000, double>(18, smoothing);
    check<1000, float>(18, smoothing);
  }
}

TEST(CudaLoss, SamplesWithNoNumbersAreNotCorrect) {
  constexpr int classes = 40;
  for (const std::size_t none : {std::size_t{0}, std::size_t{1}, std::size_t{39}}) {
    std::vector<double> logits(2 * classes, 0.0);
    logits[3] = logits[classes + 3] = 1.0;
    logits[none] = std::numeric_limits<double>::quiet_NaN();
    const LossSum sum = loss_of<classes, double>(Order::ascending, logits, {3, 3}, 0.0, nullptr);
    EXPECT_TRUE(std::isnan(sum.loss));
    EXPECT_EQ(sum.correct, 1);
  }
}

}  // namespace
