#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/nn/detail/part_code.hpp"
#include "tepui/nn/nn.hpp"

/// @file
/// Runs one layer both ways inside guarded memory.

namespace tepui::test {

/// Memory of exactly `count` elements with a band before and after it that must stay as it is.
template <class T>
class Guarded {
 public:
  static constexpr std::size_t band = 64;
  static constexpr T mark = static_cast<T>(-12345.678);

  explicit Guarded(std::size_t count = 0, T fill = std::numeric_limits<T>::quiet_NaN())
      : memory_(count + 2 * band, mark) {
    std::fill(data(), data() + count, fill);
  }
  Guarded(std::span<const T> values) : Guarded(values.size()) {
    std::copy(values.begin(), values.end(), data());
  }
  T* data() { return memory_.data() + band; }
  [[nodiscard]] std::size_t size() const { return memory_.size() - 2 * band; }
  [[nodiscard]] std::vector<T> values() { return std::vector<T>(data(), data() + size()); }
  void poison() { std::fill(data(), data() + size(), std::numeric_limits<T>::quiet_NaN()); }
  [[nodiscard]] bool intact() const {
    const auto is_mark = [](T v) { return v == mark; };
    return std::all_of(memory_.begin(), memory_.begin() + band, is_mark) &&
           std::all_of(memory_.end() - band, memory_.end(), is_mark);
  }

 private:
  std::vector<T> memory_;
};

template <class T>
std::vector<T> normals(std::size_t count, std::uint64_t tag) {
  std::vector<T> values(count);
  random::Stream stream(random::Key{99, random::Purpose::user, 0}.with(tag));
  for (T& v : values) v = static_cast<T>(stream.normal());
  return values;
}

/// What one trip forward and one back gave.
template <class T>
struct Trips {
  std::vector<T> y, dx, gradient, buffers;
  bool intact = true;  ///< nothing was written outside the memory a layer asked for
};

struct RunOptions {
  int batch = 2;
  nn::Statistics statistics = nn::Statistics::batch_and_track;
  const std::uint8_t* choices = nullptr;
  bool stochastic = false;
  double drop_path = 0;
  bool input_gradient = true;
  random::Key noise{7, random::Purpose::dropout, 0};
};

/// A layer at one input shape: what of it a run needs.
template <class T>
struct RunnableLayer {
  Extent saved, scratch;
  void (*forward)(nn::Pass<backend::Cpu>& pass, const nn::Forward<T>& at);
  void (*backward)(nn::Pass<backend::Cpu>& pass, const nn::Backward<T>& at);
};

/// Saved and scratch memory is exactly as large as the layer says and starts as NaN, the scratch
/// also between the trips: whatever is read without having been written shows in the result.
template <class T>
Trips<T> run_trips(const RunnableLayer<T>& layer, std::span<const T> x,
                   std::span<const T> parameters, std::span<const T> buffers, std::span<const T> dy,
                   const RunOptions& options) {
  backend::Cpu backend;
  Guarded<T> y(dy.size());
  Guarded<T> dx(x.size());
  Guarded<T> gradient(parameters.size(), T{0});
  Guarded<T> state(buffers);
  Guarded<T> saved(layer.saved.at(options.batch));
  Guarded<T> scratch(layer.scratch.at(options.batch));
  nn::Pass<backend::Cpu> pass{.backend = backend,
                              .batch = options.batch,
                              .statistics = options.statistics,
                              .stochastic = options.stochastic,
                              .drop_path = options.drop_path,
                              .noise = options.noise,
                              .choices = options.choices};
  layer.forward(pass, {.x = x.data(),
                       .y = y.data(),
                       .parameters = parameters.data(),
                       .buffers = state.data(),
                       .saved = saved.data(),
                       .scratch = scratch.data()});
  const bool forward_intact = y.intact() && state.intact() && saved.intact() && scratch.intact();
  scratch.poison();
  layer.backward(pass, {.x = x.data(),
                        .dy = dy.data(),
                        .dx = options.input_gradient ? dx.data() : nullptr,
                        .parameters = parameters.data(),
                        .gradient = gradient.data(),
                        .saved = saved.data(),
                        .scratch = scratch.data()});
  return {y.values(), dx.values(), gradient.values(), state.values(),
          forward_intact && dx.intact() && gradient.intact() && saved.intact() && scratch.intact()};
}

/// The code that runs is compiled once for all layers.
template <class L, Shape In, class T>
Trips<T> run_layer(std::span<const T> x, std::span<const T> parameters, std::span<const T> buffers,
                   std::span<const T> dy, const RunOptions& options = {}) {
  using Code = nn::detail::PartCode<L, In, backend::Cpu, T>;
  return run_trips<T>({.saved = L::saved(In),
                       .scratch = L::template scratch<In, backend::Cpu>(),
                       .forward = &Code::forward,
                       .backward = &Code::backward},
                      x, parameters, buffers, dy, options);
}

/// Buffers in their initial state.
template <class L, class T>
std::vector<T> fresh_buffers(Shape in) {
  std::vector<T> buffers(L::buffers(in));
  nn::Description d;
  L::describe(in, d);
  nn::initialize_buffers(std::span<T>(buffers), d);
  return buffers;
}

/// With random input, parameters and output gradient.
template <class L, Shape In, class T>
Trips<T> run_layer(const RunOptions& options = {}) {
  const auto n = static_cast<std::size_t>(options.batch);
  const auto x = normals<T>(n * In.size(), 0);
  auto w = normals<T>(L::parameters(In), 1);
  const auto dy = normals<T>(n * L::output(In).size(), 2);
  return run_layer<L, In, T>(x, w, fresh_buffers<L, T>(In), dy, options);
}

template <class T>
bool all_finite(const std::vector<T>& values) {
  return std::all_of(values.begin(), values.end(), [](T v) { return v - v == 0; });
}

}  // namespace tepui::test
