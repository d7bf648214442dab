// Training and evaluation take no memory once they are under way.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "support/count_allocations.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/train/evaluation_set.hpp"
#include "tepui/train/trainer.hpp"

namespace {

using namespace tepui;
inline constexpr Shape in{3, 12, 12};
using Space = space::NasBench201<4, 1, 10, in>;
using Choices = std::array<std::uint8_t, 6>;

/// The options one after the other on all edges, then paths of all kinds.
Choices path_of(long step) {
  Choices choices{};
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto place = static_cast<long>(i);
    choices[i] = static_cast<std::uint8_t>(step < 5 ? step : (step * (place + 1) + place) % 5);
  }
  return choices;
}

/// @return how often memory was taken after the step `settled` of a training of three epochs
template <class Optimizer>
long allocations_after(long settled, bool paths, const Optimizer& optimizer) {
  const auto images = data::glyphs<in>({.train = 80, .test = 10});
  nn::Model<Space::Network> model(8);
  model.initialize({1, random::Purpose::initialize, 0});
  data::Loader<float, in> loader(images.train, data::measure(images.train), {.batch = 8}, 5);
  const train::Recipe<Optimizer> recipe{.optimizer = optimizer, .epochs = 3, .batch = 8};
  Choices path{};
  long before = -1;
  long after = -1;
  train::run_training(
      model, recipe, loader, {3, random::Purpose::path, 0},
      [&](long step) {
        path = path_of(paths ? step : 3);
        return path.data();
      },
      [&](const train::Step& step) {
        if (step.step == settled) before = test::allocations;
        if (step.step == step.steps) after = test::allocations;
      });
  EXPECT_GE(before, 0);
  return after - before;
}

TEST(Allocations, NoneInTrainingAfterTheFirstStep) {
  EXPECT_EQ(allocations_after(1, false, optim::Sgd{}), 0);
  EXPECT_EQ(allocations_after(1, false, optim::Sam<optim::Sgd>{}), 0);
}

TEST(Allocations, NoneOnASupernetOnceEveryOptionWasTaken) {
  EXPECT_EQ(allocations_after(5, true, optim::Sam<optim::Sgd>{}), 0);
}

TEST(Allocations, NoneInEvaluation) {
  const auto images = data::glyphs<in>({.train = 30, .test = 30});
  nn::Model<Space::Network> model(8);
  model.initialize({1, random::Purpose::initialize, 0});
  const std::vector<std::uint32_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const train::EvaluationSet<float, in> set(images.test, all, data::measure(images.train), 8);
  const Choices path{3, 1, 2, 4, 3, 1};
  (void)train::evaluate(model, set, path.data());
  const long before = test::allocations;
  EXPECT_EQ(train::evaluate(model, set, path.data()).samples, 12u);
  EXPECT_EQ(test::allocations, before);
}

}  // namespace
