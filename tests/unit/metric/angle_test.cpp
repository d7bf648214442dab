// The angle between weights before and after training.
#include "tepui/metric/angle.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <vector>

#include "tepui/nn/cell.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace {

using namespace tepui;
using metric::Angle;

/// Two weight vectors and what stands in them.
struct Trained {
  std::vector<double> before, after;
  std::vector<ParameterInfo> list;
  std::vector<nn::Description::Constant> fixed;
  bool alive = true;

  void tensor(std::vector<double> from, std::vector<double> to, int paths = 1,
              ParameterKind kind = ParameterKind::weight) {
    list.push_back({.name = std::to_string(list.size()),
                    .kind = kind,
                    .offset = before.size(),
                    .count = from.size(),
                    .path_count = paths});
    before.insert(before.end(), from.begin(), from.end());
    after.insert(after.end(), to.begin(), to.end());
  }
  [[nodiscard]] std::span<const double> initial_weights() const { return before; }
  [[nodiscard]] std::span<const double> weights() const { return after; }
  [[nodiscard]] std::span<const ParameterInfo> tensors() const { return list; }
  [[nodiscard]] const std::vector<nn::Description::Constant>& constants() const { return fixed; }
  [[nodiscard]] bool connected() const { return alive; }
};

double angle(const Trained& trained, const Angle& metric = {}) {
  return metric.measure(trained, {}).value;
}
double over_pi(const Trained& trained, const Angle& metric = {}) {
  return metric.measure(trained, {}).part("angle_over_pi");
}

TEST(Angle, TwoVectorsAndAnIdentity) {
  Trained t;
  t.tensor({1, 0}, {0, 1});
  t.fixed = {{2, 1.0, 1}};  // the ones of a 2 by 2 identity; its zeros add nothing
  EXPECT_NEAR(angle(t), 0.841068671, 1e-9);
  EXPECT_NEAR(over_pi(t), 0.267720473, 1e-9);
}

TEST(Angle, PoolingWindowsAndNormalisations) {
  Trained t;
  t.tensor({1, 0}, {0, 1});
  t.fixed = {{9, 1.0 / 9, 1}};
  EXPECT_NEAR(angle(t), 1.470628906, 1e-9);
  EXPECT_NEAR(over_pi(t), 0.468115720, 1e-9);
  t.tensor({1}, {1}, 1, ParameterKind::norm_weight);
  t.tensor({0}, {0}, 1, ParameterKind::norm_bias);
  EXPECT_NEAR(angle(t), 1.016534492, 1e-9);
  EXPECT_NEAR(over_pi(t), 0.323572979, 1e-9);
  EXPECT_NEAR(angle(t, {.normalizations = false}), 1.470628906, 1e-9);
  EXPECT_NEAR(angle(t, {.constants = false, .normalizations = false}), std::numbers::pi / 2, 1e-12);
}

TEST(Angle, ATensorCountsOnceForEveryPath) {
  Trained t;
  t.tensor({1, 0}, {0, 1}, 2);
  t.tensor({1, 1}, {1, 1}, 1);
  EXPECT_NEAR(over_pi(t), 1.0 / 3, 1e-9);
  EXPECT_NEAR(over_pi(t, {.paths = false}), 0.267720473, 1e-9);
  t.tensor({5, 5}, {-5, 3}, 0);  // on no path
  EXPECT_NEAR(over_pi(t), 1.0 / 3, 1e-9);
  EXPECT_NEAR(over_pi(t, {.paths = false}), 0.267720473, 1e-9);
  EXPECT_EQ(Angle{}.measure(t, {}).part("entries"), 6);
}

TEST(Angle, EqualOppositeAndScaledWeights) {
  Trained same;
  same.tensor({0.3, -2, 5}, {0.3, -2, 5});
  EXPECT_NEAR(angle(same), 0, 1e-7);
  Trained scaled;
  scaled.tensor({0.3, -2, 5}, {0.9, -6, 15});
  EXPECT_NEAR(angle(scaled), 0, 1e-7);
  EXPECT_EQ(angle(scaled), angle(scaled));  // not NaN where rounding exceeds a cosine of 1
  Trained opposite;
  opposite.tensor({0.3, -2, 5}, {-0.3, 2, -5});
  EXPECT_NEAR(angle(opposite), std::numbers::pi, 1e-7);
  scaled.fixed = {{9, 1.0 / 9, 1}};
  EXPECT_GT(angle(scaled), 0.01);  // constants do not scale
  Trained nothing;
  nothing.tensor({0, 0}, {1, 2});
  EXPECT_EQ(angle(nothing), 0);
}

TEST(Angle, DisconnectedCellsGiveZero) {
  Trained t;
  t.tensor({1, 0}, {0, 1});
  t.alive = false;
  EXPECT_EQ(angle(t), 0);
  EXPECT_NEAR(angle(t, {.zero_if_disconnected = false}), std::numbers::pi / 2, 1e-12);
}

TEST(Angle, NeedsTheFirstWeightsAndFiniteOnes) {
  Trained t;
  t.tensor({1, 0}, {0, 1});
  t.before.clear();
  EXPECT_THROW((void)angle(t), SettingError);
  Trained broken;
  broken.tensor({1, 0}, {std::nan(""), 1});
  EXPECT_THROW((void)angle(broken), DivergenceError);
}

/// Published lengths of the weight vector of NAS-Bench-201 networks.
TEST(Angle, LengthOfTheVector) {
  using Space = space::NasBench201<16, 5, 10, Shape{3, 32, 32}, false>;
  const auto entries = [](Space::Encoding code) {
    const nn::Description d = Space::Network::describe(code.data());
    Trained t;
    t.before.assign(Space::Network::parameters, 1);
    t.after = t.before;
    t.list = d.parameters;
    t.fixed = d.constants;
    t.alive = d.connected();
    return Angle{}.measure(t, {}).part("entries");
  };
  EXPECT_EQ(entries({{3, 3, 3, 3, 3, 3}}), 2'008'666);
  EXPECT_EQ(entries({{2, 2, 2, 2, 2, 2}}), 288'346);
  EXPECT_EQ(entries({{4, 4, 4, 4, 4, 4}}), 113'626);
  EXPECT_EQ(entries({{3, 3, 3, 1, 3, 2}}), 1'336'666);  // index 6111
  EXPECT_EQ(entries({{4, 2, 1, 2, 1, 1}}), 137'146);    // index 0
  EXPECT_EQ(entries({{1, 1, 1, 1, 1, 1}}), 73'306);
}

TEST(Angle, PathsOfAPublishedCell) {
  // Two inputs (nodes 1 and 2 behind a common source), four inner nodes, all of them added up. Its
  // live edges in the paper's numbers: 02 12 03 13 04 14 05 45.
  using Op = nn::Identity;
  using Cell =
      nn::Cell<8, nn::Edge<0, 1, Op>, nn::Edge<0, 2, Op>, nn::Edge<1, 3, Op>, nn::Edge<2, 3, Op>,
               nn::Edge<1, 4, Op>, nn::Edge<2, 4, Op>, nn::Edge<1, 5, Op>, nn::Edge<2, 5, Op>,
               nn::Edge<1, 6, Op>, nn::Edge<5, 6, Op>, nn::Edge<3, 7, Op>, nn::Edge<4, 7, Op>,
               nn::Edge<5, 7, Op>, nn::Edge<6, 7, Op>>;
  constexpr auto paths = Cell::path_counts(nullptr);
  EXPECT_EQ(paths[0] + paths[1], 9);
  const std::array<int, 8> published{1, 1, 1, 1, 2, 2, 1, 2};
  for (std::size_t e = 0; e < 8; ++e) EXPECT_EQ(paths[e + 2], published[e]) << e;
}

}  // namespace
