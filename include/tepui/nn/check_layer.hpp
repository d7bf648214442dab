#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/core/extent.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/nn/detail/part_code.hpp"
#include "tepui/nn/initialize.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/pass.hpp"

namespace tepui::nn {

/// @brief What a gradient check found; errors are |analytic - numeric| / max(1, |numeric|).
struct LayerCheck {
  double input_error = 0;         ///< largest error of the gradient by the input
  double parameter_error = 0;     ///< largest error of the gradient by the parameters
  bool described = true;          ///< describe() covers exactly parameters() and buffers()
  bool gradient_is_added = true;  ///< the parameter gradient is added to what was there
  [[nodiscard]] bool passes(double tolerance = 1e-6) const {
    return described && gradient_is_added && input_error < tolerance && parameter_error < tolerance;
  }
};

/// @brief Settings of a gradient check.
struct LayerCheckOptions {
  int batch = 3;
  Statistics statistics = Statistics::batch;
  bool stochastic = false;
  double drop_path = 0;
  const std::uint8_t* choices = nullptr;
  random::Key key{1, random::Purpose::user, 0};
  double step = 1e-5;              ///< of the central differences
  std::size_t most_entries = 400;  ///< entries checked of each gradient, evenly spread
};

namespace detail {

/// A layer at one input shape, as the check sees it.
template <class Backend>
struct CheckedLayer {
  std::size_t inputs, outputs;      ///< values of one sample
  std::size_t parameters, buffers;  ///< values
  Extent saved, scratch;
  void (*forward)(Pass<Backend>& pass, const Forward<double>& at);
  void (*backward)(Pass<Backend>& pass, const Backward<double>& at);
};

/// Most of a check has nothing to do with the layer's type, and is compiled once for all of them.
template <class Backend>
[[nodiscard]] LayerCheck check_trips(const CheckedLayer<Backend>& layer,
                                     const Description& description,
                                     const LayerCheckOptions& options) {
  using Numbers = std::vector<double>;
  Backend backend;
  const int batch = options.batch;
  const auto n = static_cast<std::size_t>(batch);

  LayerCheck result;
  if (options.choices == nullptr) {
    std::size_t parameters = 0;
    std::size_t buffers = 0;
    for (const auto& t : description.parameters) parameters += t.count;
    for (const auto& t : description.buffers) buffers += t.count;
    result.described = parameters == layer.parameters && buffers == layer.buffers;
  }

  const auto drawn = [&](std::size_t count, std::uint64_t tag) {
    Numbers values(count);
    random::Stream stream(options.key.with(tag));
    for (double& v : values) v = stream.normal();
    return values;
  };
  Numbers x = drawn(n * layer.inputs, 0);
  Numbers w = drawn(layer.parameters, 1);
  for (double& v : w) v = 0.5 * v + 0.1;
  const Numbers r = drawn(n * layer.outputs, 2);
  Numbers initial_buffers(layer.buffers);
  initialize_buffers(std::span(initial_buffers), description);
  Numbers buffers = initial_buffers;
  Numbers y(r.size());
  Numbers saved(layer.saved.at(batch) + Extent::alignment);
  Numbers scratch(layer.scratch.at(batch) + Extent::alignment);

  const auto new_pass = [&] {
    return Pass<Backend>{.backend = backend,
                         .batch = batch,
                         .statistics = options.statistics,
                         .stochastic = options.stochastic,
                         .drop_path = options.drop_path,
                         .noise = options.key,
                         .choices = options.choices};
  };
  const auto trip = [&] {
    buffers = initial_buffers;
    Pass<Backend> pass = new_pass();
    layer.forward(pass, Forward<double>{.x = x.data(),
                                        .y = y.data(),
                                        .parameters = w.data(),
                                        .buffers = buffers.data(),
                                        .saved = saved.data(),
                                        .scratch = scratch.data()});
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * r[i];
    return sum;
  };
  const auto back = [&](Numbers& dx, Numbers& dw) {
    trip();
    Pass<Backend> pass = new_pass();
    layer.backward(pass, Backward<double>{.x = x.data(),
                                          .dy = r.data(),
                                          .dx = dx.data(),
                                          .parameters = w.data(),
                                          .gradient = dw.data(),
                                          .saved = saved.data(),
                                          .scratch = scratch.data()});
  };

  Numbers dx(x.size(), 1e300);  // overwritten everywhere, or the comparison fails
  Numbers dw(w.size(), 0.0);
  back(dx, dw);
  Numbers dx_again(x.size());
  Numbers dw_twice = dw;
  back(dx_again, dw_twice);
  for (std::size_t i = 0; i < dw.size(); ++i) {
    if (std::abs(dw_twice[i] - 2 * dw[i]) > 1e-9 * std::max(1.0, std::abs(dw[i]))) {
      result.gradient_is_added = false;
    }
  }

  const auto largest_error = [&](Numbers& point, const Numbers& analytic) {
    double largest = 0;
    const std::size_t stride = std::max<std::size_t>(1, point.size() / options.most_entries);
    for (std::size_t i = 0; i < point.size(); i += stride) {
      const double at = point[i];
      point[i] = at + options.step;
      const double above = trip();
      point[i] = at - options.step;
      const double below = trip();
      point[i] = at;
      const double numeric = (above - below) / (2 * options.step);
      const double error = std::abs(analytic[i] - numeric) / std::max(1.0, std::abs(numeric));
      if (!(error <= largest)) largest = error;  // a NaN is the largest error
    }
    return largest;
  };
  result.input_error = largest_error(x, dx);
  result.parameter_error = largest_error(w, dw);
  return result;
}

}  // namespace detail

/// @brief Compares a layer's backward trip with central differences in double.
///
/// The function checked is sum(y * r) for a fixed random r. Use it on layers of your own.
/// @tparam L  the layer  @tparam In its input shape
/// @tparam Backend whose buffers the processor can read
template <class L, Shape In, class Backend = backend::Cpu>
[[nodiscard]] LayerCheck check_layer(const LayerCheckOptions& options = {}) {
  static_assert(L::check(In) == Rule::fits, "check_layer: the layer refuses this input shape");
  using Code = detail::PartCode<L, In, Backend, double>;
  Description description(options.choices);
  L::describe(In, description);
  return detail::check_trips<Backend>({.inputs = In.size(),
                                       .outputs = L::output(In).size(),
                                       .parameters = L::parameters(In),
                                       .buffers = L::buffers(In),
                                       .saved = L::saved(In),
                                       .scratch = L::template scratch<In, Backend>(),
                                       .forward = &Code::forward,
                                       .backward = &Code::backward},
                                      description, options);
}

}  // namespace tepui::nn
