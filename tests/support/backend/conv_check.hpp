#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

/// @file
/// Compares the three passes of convolutions with the textbook sums.

namespace tepui::test {

using backend::ConvGeometry;
using backend::Cpu;

/// The three passes of one geometry, on memory without any alignment beyond that of T. Only the
/// kernels are compiled for each geometry: all else is the same for all of them.
template <class T>
struct Passes {
  ConvGeometry geometry;
  int batch;
  void (*run_forward)(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch);
  void (*run_backward_data)(int batch, const T* dy, const T* w, T* dx, T* scratch);
  void (*run_backward_weights)(int batch, const T* x, const T* dy, T* dw, T* db, T* scratch);
  std::vector<T> x, w, bias, dy, scratch;

  template <ConvGeometry G>
  static Passes of(int batch) {
    return {.geometry = G,
            .batch = batch,
            .run_forward = &Cpu::conv2d_forward<G, T>,
            .run_backward_data = &Cpu::conv2d_backward_data<G, T>,
            .run_backward_weights = &Cpu::conv2d_backward_weights<G, T>,
            .x = numbers<T>(static_cast<std::size_t>(batch) * G.in.size(), 1),
            .w = numbers<T>(G.weights(), 2),
            .bias = numbers<T>(static_cast<std::size_t>(G.out_channels), 3),
            .dy = numbers<T>(static_cast<std::size_t>(batch) * G.out().size(), 4),
            .scratch = std::vector<T>(Cpu::conv2d_scratch<G>().at(batch))};
  }

  std::vector<T> forward(bool with_bias) {
    std::vector<T> y(dy.size(), T(99));
    run_forward(batch, x.data(), w.data(), with_bias ? bias.data() : nullptr, y.data(),
                scratch.data());
    return y;
  }
  std::vector<T> backward_data() {
    std::vector<T> dx(x.size(), T(99));
    run_backward_data(batch, dy.data(), w.data(), dx.data(), scratch.data());
    return dx;
  }
  /// dw followed by db, added to `start`.
  std::vector<T> backward_weights(bool with_bias, T start = T(0)) {
    std::vector<T> gradient(w.size() + (with_bias ? bias.size() : 0), start);
    run_backward_weights(batch, x.data(), dy.data(), gradient.data(),
                         with_bias ? gradient.data() + w.size() : nullptr, scratch.data());
    return gradient;
  }
};

template <class T>
void check(Passes<T> passes) {
  const ConvGeometry g = passes.geometry;
  const int batch = passes.batch;
  SCOPED_TRACE(::testing::Message()
               << tepui::to_string(g.in) << " to " << g.out_channels << ", kernel " << g.kernel
               << " stride " << g.stride << " padding " << g.padding << " dilation " << g.dilation
               << " groups " << g.groups << " batch " << batch << " bytes " << sizeof(T));
  const auto wanted = reference_conv(g, batch, widened(passes.x), widened(passes.w),
                                     widened(passes.bias), widened(passes.dy));
  const auto plain =
      reference_conv(g, batch, widened(passes.x), widened(passes.w), {}, widened(passes.dy));
  const auto taps = static_cast<std::size_t>(g.kernel * g.kernel);
  const auto pixels = static_cast<std::size_t>(batch * g.out().pixels());
  const double in_terms = tolerance<T>(taps * static_cast<std::size_t>(g.in_per_group()));
  const double out_terms = tolerance<T>(taps * static_cast<std::size_t>(g.out_per_group()));
  const double pixel_terms = tolerance<T>(pixels);
  expect_close(passes.forward(true), wanted.y, in_terms, "y");
  expect_close(passes.forward(false), plain.y, in_terms, "y without bias");
  expect_close(passes.backward_data(), wanted.dx, out_terms, "dx");

  std::vector<double> gradient = wanted.dw;
  expect_close(passes.backward_weights(false), gradient, pixel_terms, "dw");
  gradient.insert(gradient.end(), wanted.db.begin(), wanted.db.end());
  expect_close(passes.backward_weights(true), gradient, pixel_terms, "dw, db");
  for (auto& v : gradient) v += 0.5;
  expect_close(passes.backward_weights(true, T(0.5)), gradient, pixel_terms, "dw, db added");
}

/// All in float, every third in double, too: the kernels are the same templates, and each geometry
/// takes the compiler a second.
template <ConvGeometry... G>
void check_all(int batch) {
  (check(Passes<float>::of<G>(batch)), ...);
  [&]<std::size_t... Number>(std::index_sequence<Number...>) {
    (
        [&] {
          if constexpr (Number % 3 == 0) check(Passes<double>::of<G>(batch));
        }(),
        ...);
  }
  (std::make_index_sequence<sizeof...(G)>{});
}

template <ConvGeometry G, class T>
void check_threads(int batch) {
  auto passes = Passes<T>::template of<G>(batch);
  expect_same_bits_on_any_thread_count([&] { return passes.forward(true); }, "forward");
  expect_same_bits_on_any_thread_count([&] { return passes.backward_data(); }, "backward data");
  expect_same_bits_on_any_thread_count([&] { return passes.backward_weights(true); },
                                       "backward weights");
}

}  // namespace tepui::test
