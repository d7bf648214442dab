// Containers compute what their parts compute, put together by hand.
#include <gtest/gtest.h>

#include <array>

#include "tepui/space/choice.hpp"
#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using namespace tepui::test;

inline constexpr Shape in{4, 5, 3};
inline constexpr std::size_t size = 2 * in.size();  // batch 2
using Numbers = std::vector<double>;
using Found = Trips<double>;

using A = Sequential<Relu, Conv2d<4, 3>, BatchNorm2d<>>;
using B = Conv2d<4, 1, 1, 0, 1, 1, true>;
using C = DepthwiseConv2d<3>;

template <class L>
Found run(const Numbers& x, const Numbers& w, const Numbers& dy, const RunOptions& options = {}) {
  EXPECT_EQ(w.size(), L::parameters(in));
  return run_layer<L, in, double>(x, w, fresh_buffers<L, double>(in), dy, options);
}
Numbers part(const Numbers& all, std::size_t first, std::size_t count) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}
Numbers sum(Numbers a, const Numbers& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}
Numbers joined(Numbers a, const Numbers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
void expect_near(const Numbers& got, const Numbers& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], wanted[i], 1e-11) << i;
}
void expect_equal(const Found& got, const Found& wanted) {
  EXPECT_EQ(got.y, wanted.y);
  EXPECT_EQ(got.dx, wanted.dx);
  EXPECT_EQ(got.gradient, wanted.gradient);
  EXPECT_EQ(got.buffers, wanted.buffers);
}

const Numbers x = normals<double>(size, 10);
const Numbers dy = normals<double>(size, 11);

TEST(Containers, RepeatEqualsASequenceOfCopies) {
  const Numbers w = normals<double>(3 * A::parameters(in), 12);
  expect_equal(run<Repeat<3, A>>(x, w, dy), run<Sequential<A, A, A>>(x, w, dy));
  const Numbers two = normals<double>(2 * A::parameters(in), 13);
  expect_equal(run<Repeat<2, A>>(x, two, dy), run<Sequential<A, A>>(x, two, dy));
}

TEST(Containers, RepeatGivesEveryCopyItsOwnMask) {
  const RunOptions options{.stochastic = true};
  expect_equal(run<Repeat<3, Dropout<50>>>(x, {}, dy, options),
               run<Sequential<Dropout<50>, Dropout<50>, Dropout<50>>>(x, {}, dy, options));
  const Numbers y = run<Repeat<2, Dropout<50>>>(x, {}, dy, options).y;
  std::size_t kept_once = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (y[i] != 0) {
      EXPECT_DOUBLE_EQ(y[i], 4 * x[i]);
      ++kept_once;
    }
  }
  EXPECT_LT(kept_once, size / 2);  // about a quarter; a shared mask would keep half
}

TEST(Containers, SequenceIsOneAfterTheOther) {
  const std::size_t a = A::parameters(in);
  const Numbers w = normals<double>(a + B::parameters(in), 14);
  const Found whole = run<Sequential<A, B>>(x, w, dy);
  const Found first = run<A>(x, part(w, 0, a), dy);
  const Found second = run<B>(first.y, part(w, a, B::parameters(in)), dy);
  const Found back = run<A>(x, part(w, 0, a), second.dx);
  EXPECT_EQ(whole.y, second.y);
  EXPECT_EQ(whole.dx, back.dx);
  EXPECT_EQ(whole.gradient, joined(back.gradient, second.gradient));
  EXPECT_EQ(whole.buffers, first.buffers);
}

TEST(Containers, ResidualIsTheSumOfItsBranches) {
  const std::size_t a = A::parameters(in);
  const Numbers w = normals<double>(a + B::parameters(in), 15);
  const Found whole = run<Residual<A, B>>(x, w, dy);
  const Found main = run<A>(x, part(w, 0, a), dy);
  const Found side = run<B>(x, part(w, a, B::parameters(in)), dy);
  expect_near(whole.y, sum(main.y, side.y));
  expect_near(whole.dx, sum(main.dx, side.dx));
  expect_near(whole.gradient, joined(main.gradient, side.gradient));
  const Found skip = run<Residual<A>>(x, part(w, 0, a), dy);
  expect_near(skip.y, sum(main.y, x));
  expect_near(skip.dx, sum(main.dx, dy));
}

TEST(Containers, CellSumsItsEdges) {
  // node 1 = A x, node 2 = B x + C node 1, node 3 = node 1 + x + A' node 2
  using Graph = Cell<4, Edge<0, 1, A>, Edge<0, 2, B>, Edge<1, 2, C>, Edge<0, 3, Identity>,
                     Edge<1, 3, Identity>, Edge<2, 3, A>>;
  const std::size_t a = A::parameters(in), b = B::parameters(in), c = C::parameters(in);
  const Numbers w = normals<double>(2 * a + b + c, 16);
  const Numbers wa = part(w, 0, a), wb = part(w, a, b), wc = part(w, a + b, c),
                wd = part(w, a + b + c, a);
  const Found whole = run<Graph>(x, w, dy);

  const Numbers node1 = run<A>(x, wa, dy).y;
  const Numbers node2 = sum(run<B>(x, wb, dy).y, run<C>(node1, wc, dy).y);
  const Found last = run<A>(node2, wd, dy);
  expect_near(whole.y, sum(sum(x, node1), last.y));

  const Found edge_c = run<C>(node1, wc, last.dx);
  const Found edge_b = run<B>(x, wb, last.dx);
  const Found edge_a = run<A>(x, wa, sum(dy, edge_c.dx));
  expect_near(whole.dx, sum(sum(dy, edge_b.dx), edge_a.dx));
  expect_near(
      whole.gradient,
      joined(joined(joined(edge_a.gradient, edge_b.gradient), edge_c.gradient), last.gradient));
  expect_near(whole.buffers, joined(edge_a.buffers, last.buffers));
}

TEST(Containers, CellWithoutALivePathGivesZerosAndNoGradient) {
  using Dead = Cell<3, Edge<0, 1, B>, Edge<0, 2, Zero<>>, Edge<1, 2, Zero<>>>;
  const Found run_dead = run<Dead>(x, normals<double>(B::parameters(in), 17), dy);
  EXPECT_EQ(run_dead.y, Numbers(size, 0.0));
  EXPECT_EQ(run_dead.dx, Numbers(size, 0.0));
  EXPECT_EQ(run_dead.gradient, Numbers(B::parameters(in), 0.0));
}

TEST(Containers, AChoiceIsTheOptionItTakes) {
  using Pick = space::Choice<0, A, Zero<>, B, Identity>;
  const std::size_t a = A::parameters(in), b = B::parameters(in);
  const Numbers w = normals<double>(a + b, 18);
  const auto taken = [&](std::uint8_t option) { return run<Pick>(x, w, dy, {.choices = &option}); };

  const Found first = taken(0);
  const Found alone = run<A>(x, part(w, 0, a), dy);
  EXPECT_EQ(first.y, alone.y);
  EXPECT_EQ(first.dx, alone.dx);
  EXPECT_EQ(first.gradient, joined(alone.gradient, Numbers(b, 0.0)));
  EXPECT_EQ(first.buffers, alone.buffers);

  const Found third = taken(2);
  const Found alone_b = run<B>(x, part(w, a, b), dy);
  EXPECT_EQ(third.y, alone_b.y);
  EXPECT_EQ(third.dx, alone_b.dx);
  EXPECT_EQ(third.gradient, joined(Numbers(a, 0.0), alone_b.gradient));
  EXPECT_EQ(third.buffers, (fresh_buffers<Pick, double>(in)));  // nobody moved A's statistics

  EXPECT_EQ(taken(1).y, Numbers(size, 0.0));
  EXPECT_EQ(taken(3).y, x);
  EXPECT_EQ(taken(3).dx, dy);
}

TEST(Containers, ChoicesInsideChoicesFollowBothDecisions) {
  using Inner = space::Choice<1, B, C>;
  using Outer = space::Choice<0, Sequential<Inner, Relu>, A>;
  const std::size_t a = A::parameters(in), b = B::parameters(in), c = C::parameters(in);
  const Numbers w = normals<double>(b + c + a, 19);
  const std::array<std::uint8_t, 2> code{0, 1};
  const Found whole = run<Outer>(x, w, dy, {.choices = code.data()});
  const Found alone = run<Sequential<C, Relu>>(x, part(w, b, c), dy);
  EXPECT_EQ(whole.y, alone.y);
  EXPECT_EQ(whole.dx, alone.dx);
  EXPECT_EQ(part(whole.gradient, b, c), alone.gradient);
}

TEST(Containers, ChoicesPassOnWhatTheirOptionDoesToTheFlow) {
  using Pick = space::Choice<1, Zero<>, Identity, Relu, space::Choice<0, Relu, Zero<>>>;
  const auto flow = [](std::uint8_t first, std::uint8_t second) {
    const std::array<std::uint8_t, 2> code{first, second};
    return Pick::flow(code.data());
  };
  EXPECT_EQ(flow(0, 0), Flow::nothing);
  EXPECT_EQ(flow(0, 1), Flow::passes);
  EXPECT_EQ(flow(0, 2), Flow::general);
  EXPECT_EQ(flow(0, 3), Flow::general);
  EXPECT_EQ(flow(1, 3), Flow::nothing);
  EXPECT_EQ(Pick::flow(nullptr), Flow::general);
}

}  // namespace
