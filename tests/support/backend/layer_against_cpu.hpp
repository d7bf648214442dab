#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/backend/backend.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/core/random.hpp"
#include "tepui/nn/nn.hpp"

/// @file
/// One layer on another backend against the same layer on backend::Cpu.

namespace tepui::test {

/// What a layer does with the same numbers.
template <class T>
struct LayerTrips {
  std::vector<T> y, dx, gradient, statistics;
};

/// An array where a backend computes, filled with what the processor has.
template <class Backend, class T>
typename Backend::template Buffer<T> brought(const Backend& backend, const std::vector<T>& from) {
  auto memory = backend.template zeros<T>(from.size());
  std::copy(from.begin(), from.end(), memory.span().begin());
  return memory;
}
template <class Buffer>
auto fetched(const Buffer& memory) {
  const auto span = memory.span();
  return std::vector(span.begin(), span.end());
}

template <class L, Shape In, class T, class Backend>
LayerTrips<T> layer_trips(int batch, nn::Statistics statistics, Backend backend = {}) {
  const auto drawn = [](std::size_t count, std::uint64_t tag) {
    std::vector<T> values(count);
    random::Stream stream({tag, random::Purpose::user});
    for (T& v : values) v = static_cast<T>(stream.normal());
    return values;
  };
  const auto n = static_cast<std::size_t>(batch);
  nn::Description description;
  L::describe(In, description);
  std::vector<T> initial(L::buffers(In));
  nn::initialize_buffers(std::span<T>(initial), description);
  auto x = brought<Backend, T>(backend, drawn(n * In.size(), 1));
  auto w = brought<Backend, T>(backend, drawn(L::parameters(In), 2));
  auto dy = brought<Backend, T>(backend, drawn(n * L::output(In).size(), 3));
  auto gradient = brought<Backend, T>(backend, drawn(L::parameters(In), 4));  // is added to
  auto buffers = brought<Backend, T>(backend, initial);
  auto y = backend.template uninitialized<T>(dy.size());
  auto dx = backend.template uninitialized<T>(x.size());
  auto saved = backend.template uninitialized<T>(L::saved(In).at(batch));
  auto scratch = backend.template uninitialized<T>(L::template scratch<In, Backend>().at(batch));

  const auto pass = [&] {
    return nn::Pass<Backend>{.backend = backend,
                             .batch = batch,
                             .statistics = statistics,
                             .stochastic = true,
                             .noise = {5, random::Purpose::dropout, 6}};
  };
  auto forward = pass();
  L::template forward<In>(forward, nn::Forward<T>{.x = x.data(),
                                                  .y = y.data(),
                                                  .parameters = w.data(),
                                                  .buffers = buffers.data(),
                                                  .saved = saved.data(),
                                                  .scratch = scratch.data()});
  auto backward = pass();
  L::template backward<In>(backward, nn::Backward<T>{.x = x.data(),
                                                     .dy = dy.data(),
                                                     .dx = dx.data(),
                                                     .parameters = w.data(),
                                                     .gradient = gradient.data(),
                                                     .saved = saved.data(),
                                                     .scratch = scratch.data()});
  return {fetched(y), fetched(dx), fetched(gradient), fetched(buffers)};
}

template <class T>
void expect_close(const std::vector<T>& got, const std::vector<T>& wanted, double relative,
                  const char* what) {
  ASSERT_EQ(got.size(), wanted.size());
  double largest = 0;
  for (const T v : wanted) largest = std::max(largest, std::abs(static_cast<double>(v)));
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], relative * largest) << what << " at " << i;
  }
}

template <class Backend, class L, Shape In, class T = double>
void expect_layer(int batch, double relative = 1e-11) {
  for (const auto statistics : {nn::Statistics::batch_and_track, nn::Statistics::running}) {
    const auto wanted = layer_trips<L, In, T, backend::Cpu>(batch, statistics);
    const auto got = layer_trips<L, In, T, Backend>(batch, statistics);
    expect_close(got.y, wanted.y, relative, "output");
    expect_close(got.dx, wanted.dx, relative, "gradient by the input");
    expect_close(got.gradient, wanted.gradient, relative, "gradient by the parameters");
    expect_close(got.statistics, wanted.statistics, relative, "statistics");
  }
}

/// Calls check.operator()<layer, input>(batch) for every kind of layer, with shapes that leave
/// rests everywhere: channels below, at and above the widths of tiles, odd images, strides,
/// dilations, groups.
template <class Check>
void for_convolutions(Check&& check) {
  using namespace nn;
  check.template operator()<Conv2d<16, 3>, Shape{16, 8, 8}>(4);
  check.template operator()<Conv2d<19, 3, 2, -1, 1, 1, true>, Shape{5, 9, 7}>(3);
  check.template operator()<Conv2d<70, 1>, Shape{33, 5, 5}>(3);
  check.template operator()<Conv2d<12, 5, 1, -1, 2, 2>, Shape{8, 11, 6}>(2);
  check.template operator()<Conv2d<8, 7, 3, 1>, Shape{3, 13, 13}>(2);
}
template <class Check>
void for_other_layers(Check&& check) {
  using namespace nn;
  check.template operator()<DepthwiseConv2d<3>, Shape{18, 7, 7}>(3);
  check.template operator()<DepthwiseConv2d<5, 2, 4, 2, true>, Shape{5, 9, 8}>(3);
  check.template operator()<Linear<10>, Shape{37, 1, 1}>(7);
  check.template operator()<BatchNorm2d<>, Shape{21, 6, 5}>(5);
  check.template operator()<BatchNorm2d<false>, Shape{40, 3, 3}>(3);
  check.template operator()<MaxPool<3, 2, 1>, Shape{17, 7, 7}>(3);
  check.template operator()<AvgPool<3, 1, 1>, Shape{4, 5, 6}>(3);
  check.template operator()<AvgPool<3, 2, 1, true>, Shape{4, 5, 6}>(3);
  check.template operator()<GlobalAvgPool, Shape{9, 4, 5}>(3);
  check.template operator()<Relu, Shape{5, 4, 3}>(3);
  check.template operator()<HardSwish, Shape{5, 4, 3}>(3);
  check.template operator()<Zero<2>, Shape{3, 5, 4}>(2);
  check.template operator()<Dropout<30>, Shape{3, 4, 4}>(3);
  check.template operator()<SqueezeExcite<3>, Shape{6, 3, 4}>(3);
}

/// Every layer in double.
template <class Backend>
void check_layers() {
  const auto check = []<class L, Shape In>(int batch) { expect_layer<Backend, L, In>(batch); };
  for_convolutions(check);
  for_other_layers(check);
}

}  // namespace tepui::test
