// The product of three lists of policies: every combination that is possible is compiled and run,
// on next to no work.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/study.hpp"
#include "tepui/flatness/flatness.hpp"
#include "tepui/metric/metrics.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/optim/optim.hpp"
#include "tepui/search/search.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

constexpr Shape image{1, 12, 12};

struct Six : Space<image, space::Choice<0, nn::Conv2d<4, 3>, nn::Conv2d<4, 1>>,
                   space::Choice<1, nn::Identity, nn::Relu, nn::BatchNorm2d<>>, nn::GlobalAvgPool,
                   nn::Linear<10>> {};

using Both = objective::Several<objective::Maximize<metric::Accuracy>,
                                objective::Minimize<metric::Parameters>>;
using optim::Sgd;
using Product = Study<Six, types<Sgd, optim::Sam<Sgd>>,
                      types<flatness::Genas, flatness::FlatNas, flatness::HessianTrace, Both>,
                      types<search::Random, search::RegularizedEvolution, search::Nsga2>>;
// 2 x 4 x 3, without regularized evolution on two objectives, once for each optimizer
static_assert(Product::size == 22);

const auto& images() {
  static const auto data = data::glyphs<image>({.train = 60, .test = 20});
  return data;
}

TEST(PolicyProduct, EveryPossibleCombinationRuns) {
  Product::Options options;
  options.threads = 1;
  options.evaluations = 2;
  options.evaluation_batch = 12;
  options.recalibration_batches = 1;
  options.epochs = 1;
  options.retrain_epochs = 1;
  options.batch = 16;
  std::get<flatness::FlatNas>(options.measures).draws = 2;
  const StudyTable table = Product{options}.run(images(), seeds(1));

  EXPECT_EQ(table.cells.size(), Product::size);
  for (const StudyCell& cell : table.cells) {
    EXPECT_EQ(cell.failures, 0u) << cell.name() << ": " << cell.runs.at(0).failure;
  }
  EXPECT_EQ(table.cells.front().name(), "Sgd / Genas / Random");
  EXPECT_EQ(table.cells.back().measure, "Several<Maximize<Accuracy>, Minimize<Parameters>>");
  const auto dropped = [](std::string_view optimizer) {
    return std::string(optimizer) +
           " / Several<Maximize<Accuracy>, Minimize<Parameters>> / RegularizedEvolution";
  };
  EXPECT_EQ(table.dropped, (std::vector<std::string>{dropped("Sgd"), dropped("Sam<Sgd>")}));
}

}  // namespace
