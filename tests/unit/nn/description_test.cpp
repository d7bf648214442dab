// Names and places of tensors, and how they are drawn.
#include "tepui/nn/description.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

#include "tepui/nn/nn.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;

using Tiny = space::NasBench201<4, 2, 10, Shape{3, 8, 8}>;

template <class Tensors>
std::size_t expect_contiguous(const Tensors& tensors) {
  std::size_t end = 0;
  std::set<std::string> names;
  for (const auto& t : tensors) {
    EXPECT_EQ(t.offset, end) << t.name;
    EXPECT_TRUE(names.insert(t.name).second) << t.name << " twice";
    end = t.offset + t.count;
  }
  return end;
}

TEST(Description, ASupernetIsDescribedWithoutGapsUnderUniqueNames) {
  const Description d = Tiny::Network::describe();
  EXPECT_EQ(expect_contiguous(d.parameters), Tiny::Network::parameters);
  EXPECT_EQ(expect_contiguous(d.buffers), Tiny::Network::buffers);
}

template <class Tensors>
void expect_same(const Tensors& a, const Tensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].offset, b[i].offset);
    EXPECT_EQ(a[i].count, b[i].count);
    if constexpr (requires { a[i].dims; }) {
      EXPECT_EQ(a[i].dims, b[i].dims);
      EXPECT_EQ(a[i].kind, b[i].kind);
      EXPECT_EQ(a[i].fan_in, b[i].fan_in);
      EXPECT_EQ(a[i].path_count, b[i].path_count);
    } else {
      EXPECT_EQ(a[i].initial, b[i].initial);
    }
  }
}

TEST(Description, WhatItDescribedBeforeDoesNotShow) {
  using Other = Network<Shape{3, 9, 9}, Conv2d<4, 5>, BatchNorm2d<>, GlobalAvgPool, Linear<3>>;
  constexpr Tiny::Encoding path{{3, 0, 4, 2, 1, 3}};
  constexpr Tiny::Encoding another{{2, 3, 3, 0, 3, 2}};
  Description d;
  const auto expect_fresh = [&](auto network, const std::uint8_t* choices) {
    using N = typename decltype(network)::type;
    N::describe(d, choices);
    const Description fresh = N::describe(choices);
    expect_same(d.parameters, fresh.parameters);
    expect_same(d.buffers, fresh.buffers);
    EXPECT_EQ(d.constants.size(), fresh.constants.size());
  };
  const std::type_identity<Tiny::Network> tiny;
  expect_fresh(tiny, nullptr);
  expect_fresh(tiny, path.data());
  expect_fresh(tiny, another.data());
  for (auto& tensor : d.parameters) tensor.offset += 7;
  d.buffers[0].offset = 1u << 30;
  expect_fresh(tiny, path.data());
  const auto taken = std::move(d.parameters);
  expect_fresh(std::type_identity<Other>{}, nullptr);
  expect_fresh(tiny, nullptr);
}

TEST(Description, APathHasTheNamesOfItsStaticNetworkInItsOrder) {
  constexpr Tiny::Encoding code{{3, 0, 4, 2, 1, 3}};
  const Description path = Tiny::Network::describe(code.data());
  const Description alone = materialize_t<Tiny, code>::describe();
  EXPECT_EQ(expect_contiguous(alone.parameters), (materialize_t<Tiny, code>::parameters));
  ASSERT_EQ(path.parameters.size(), alone.parameters.size());
  std::size_t last = 0;
  for (std::size_t i = 0; i < path.parameters.size(); ++i) {
    const auto &a = path.parameters[i], &b = alone.parameters[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.dims, b.dims);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.fan_in, b.fan_in);
    EXPECT_EQ(a.path_count, b.path_count);
    EXPECT_GE(a.offset, last);
    last = a.offset + a.count;
  }
  EXPECT_LE(last, Tiny::Network::parameters);
  ASSERT_EQ(path.buffers.size(), alone.buffers.size());
  for (std::size_t i = 0; i < path.buffers.size(); ++i) {
    EXPECT_EQ(path.buffers[i].name, alone.buffers[i].name);
  }
  EXPECT_EQ(path.constants.size(), alone.constants.size());
}

TEST(Description, CellsSayWhetherAnythingPasses) {
  const auto connected = [](std::array<std::uint8_t, 6> choices) {
    return Tiny::Network::describe(choices.data()).connected();
  };
  EXPECT_TRUE(connected({3, 0, 4, 2, 1, 3}));
  EXPECT_TRUE(connected({0, 0, 0, 1, 0, 0}));
  EXPECT_FALSE(connected({0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(connected({3, 3, 3, 0, 0, 0}));
  EXPECT_FALSE(connected({0, 0, 3, 0, 3, 3}));
  EXPECT_TRUE(Tiny::Network::describe().connected());
}

TEST(Description, PoolsAreConstantsInsideCellsOnly) {
  using Net = Network<
      Shape{2, 6, 6}, AvgPool<3, 1, 1>,
      Cell<3, Edge<0, 1, AvgPool<3, 1, 1>>, Edge<0, 2, Identity>, Edge<1, 2, MaxPool<5, 1, 2>>>>;
  const Description d = Net::describe();
  ASSERT_EQ(d.constants.size(), 2u);
  EXPECT_EQ(d.constants[0].count, 18u);
  EXPECT_DOUBLE_EQ(d.constants[0].value, 1.0 / 9);
  EXPECT_EQ(d.constants[1].count, 50u);
  EXPECT_DOUBLE_EQ(d.constants[1].value, 1.0 / 25);
}

struct Moments {
  double mean = 0, deviation = 0, largest = 0;
};
Moments moments(std::span<const double> values) {
  Moments m;
  for (const double v : values) {
    m.mean += v / static_cast<double>(values.size());
    m.largest = std::max(m.largest, std::abs(v));
  }
  for (const double v : values) m.deviation += (v - m.mean) * (v - m.mean);
  m.deviation = std::sqrt(m.deviation / static_cast<double>(values.size()));
  return m;
}

using Net = Network<Shape{16, 6, 6}, Conv2d<64, 3, 1, 1, 1, 1, true>, BatchNorm2d<>,
                    DepthwiseConv2d<5>, Linear<50>>;
// conv 9,216 + 64, norm 64 + 64, depthwise 1,600, linear 64 * 36 * 50 + 50
std::vector<double> drawn(Initialization scheme, std::uint64_t seed) {
  std::vector<double> w(Net::parameters, -99);
  initialize_parameters(std::span(w), Net::describe(), {seed, random::Purpose::initialize, 0},
                        scheme);
  return w;
}
std::span<const double> part(const std::vector<double>& w, std::size_t first, std::size_t count) {
  return std::span(w).subspan(first, count);
}

TEST(Initialize, UniformHasTheBoundsOfItsFanIn) {
  const auto w = drawn(Initialization::kaiming_uniform, 1);
  const auto expect_uniform = [&](std::size_t first, std::size_t count, double bound) {
    const Moments m = moments(part(w, first, count));
    EXPECT_LT(m.largest, bound);
    EXPECT_GT(m.largest, 0.9 * bound);
    const double sigma = bound / std::sqrt(3.0);
    EXPECT_NEAR(m.mean, 0, 4 * sigma / std::sqrt(static_cast<double>(count)));
    if (count > 1000) {
      EXPECT_NEAR(m.deviation, sigma, 0.04 * sigma);
    }
  };
  expect_uniform(0, 9216, 1 / 12.0);   // 144 inputs
  expect_uniform(9216, 64, 1 / 12.0);  // its bias
  expect_uniform(9408, 1600, 0.2);     // 25 inputs
  expect_uniform(11008, 115200, 1 / std::sqrt(2304.0));
  for (const double v : part(w, 9280, 64)) EXPECT_EQ(v, 1);
  for (const double v : part(w, 9344, 64)) EXPECT_EQ(v, 0);
}

TEST(Initialize, NormalHasTheVarianceOfItsFanOut) {
  const auto w = drawn(Initialization::kaiming_normal_fan_out, 1);
  EXPECT_NEAR(moments(part(w, 0, 9216)).deviation, std::sqrt(2.0 / 576),
              0.03 * std::sqrt(2.0 / 576));
  EXPECT_NEAR(moments(part(w, 11008, 115200)).deviation, 0.2, 0.004);
  for (const double v : part(w, 9216, 64)) EXPECT_EQ(v, 0);
  for (const double v : part(w, 9280, 64)) EXPECT_EQ(v, 1);
}

TEST(Initialize, IsAFunctionOfTheSeed) {
  EXPECT_EQ(drawn(Initialization::kaiming_uniform, 1), drawn(Initialization::kaiming_uniform, 1));
  EXPECT_NE(drawn(Initialization::kaiming_uniform, 1), drawn(Initialization::kaiming_uniform, 2));
}

}  // namespace
