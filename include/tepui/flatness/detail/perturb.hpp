#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/aligned_vector.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/landscape.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/flatness/detail/moved.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::flatness::detail {

inline bool passes(Filter filter, ParameterKind kind) {
  switch (filter) {
    case Filter::weights_only:
      return kind == ParameterKind::weight;
    case Filter::no_norm:
      return kind == ParameterKind::weight || kind == ParameterKind::bias;
    case Filter::all:
      break;
  }
  return true;
}

/// One tensor that is disturbed, and where its filters' sizes are kept.
struct Part {
  std::size_t offset = 0;
  std::size_t count = 0;
  std::size_t filters = 1;      // outputs; the index that runs fastest
  std::size_t first_scale = 0;  // of its filters, in Perturbation's list
};

/// @return the tensors that pass the filter
inline std::vector<Part> parts_of(std::span<const ParameterInfo> tensors, Filter filter) {
  std::vector<Part> parts;
  std::size_t scales = 0;
  for (const ParameterInfo& t : tensors) {
    if (t.count == 0 || !passes(filter, t.kind)) continue;
    const std::size_t outputs =
        t.dims.size() > 1 && t.dims.back() > 0 ? static_cast<std::size_t>(t.dims.back()) : 1;
    parts.push_back({t.offset, t.count, outputs, scales});
    scales += outputs;
  }
  return parts;
}

/// The sizes of the filters of some tensors: their root mean squares.
template <class T>
[[nodiscard]] std::vector<double> filter_sizes(std::span<const T> weights,
                                               std::span<const Part> parts) {
  std::vector<double> sizes;
  if (!parts.empty()) sizes.resize(parts.back().first_scale + parts.back().filters);
  for (const Part& part : parts) {
    double* squares = sizes.data() + part.first_scale;
    for (std::size_t i = 0; i < part.count; ++i) {
      const double w = weights[part.offset + i];
      squares[i % part.filters] += w * w;
    }
    const double length = static_cast<double>(part.count) / static_cast<double>(part.filters);
    for (std::size_t f = 0; f < part.filters; ++f) squares[f] = std::sqrt(squares[f] / length);
  }
  return sizes;
}

/// A copy of a landscape's weights that noise is added to.
template <class T>
class Perturbation {
 public:
  Perturbation(std::span<const T> weights, std::span<const ParameterInfo> tensors, Filter filter,
               Scale scale)
      : base_(weights),
        copy_(weights.begin(), weights.end()),
        parts_(parts_of(tensors, filter)),
        scale_(scale) {
    if (scale_ == Scale::filter) filter_rms_ = filter_sizes(base_, parts());
  }

  [[nodiscard]] std::span<const T> weights() const { return copy_; }

  /// Back to the weights of the landscape.
  void reset() {
    for_each_piece(parts(), [&](const Part&, std::size_t offset, std::size_t count) {
      std::copy_n(base_.data() + offset, count, copy_.data() + offset);
    });
  }

  /// w_i += size * scale_i * z_i with z from `noise(first, last, visit)`.
  template <class Noise>
  void add(double size, const Noise& noise) {
    for_each_piece(parts(), [&](const Part& part, std::size_t offset, std::size_t count) {
      const auto move = [&](auto&& sigma) {
        noise(offset, offset + count,
              [&](std::size_t i, double z) { copy_[i] = moved(copy_[i], sigma(i), z); });
      };
      switch (scale_) {
        case Scale::absolute:
          move([&](std::size_t) { return size; });
          break;
        case Scale::relative:
          move([&](std::size_t i) { return size * static_cast<double>(base_[i]); });
          break;
        case Scale::filter:
          move([&](std::size_t i) {
            return size * filter_rms_[part.first_scale + (i - part.offset) % part.filters];
          });
          break;
      }
    });
  }
  /// The same with the noise of one level of a draw: noise(draw, level, first, last, visit).
  template <class Noise>
  void disturb(double size, const Noise& noise, std::size_t draw, std::size_t level) {
    add(size, [&](std::size_t first, std::size_t last, auto&& visit) {
      noise(draw, level, first, last, visit);
    });
  }

 private:
  [[nodiscard]] std::span<const Part> parts() const { return parts_; }

  std::span<const T> base_;
  AlignedVector<T> copy_;
  std::vector<Part> parts_;
  std::vector<double> filter_rms_;
  Scale scale_;
};

/// A landscape on a device keeps the disturbed weights there, if their noise is known to it.
template <class L>
concept DisturbsItself = requires(L& landscape, Filter filter, Scale scale) {
  landscape.perturbation(filter, scale);
};
/// @return the landscape's weights, to be disturbed and evaluated
template <class Noise, class L>
[[nodiscard]] auto perturbation_of(L& landscape, Filter filter, Scale scale) {
  if constexpr (DisturbsItself<L> && std::same_as<Noise, GaussianNoise>) {
    return landscape.perturbation(filter, scale);
  } else {
    return Perturbation<typename L::Scalar>(landscape.weights(), landscape.tensors(), filter,
                                            scale);
  }
}

inline void require_finite(double value, const char* estimator, const std::string& what) {
  if (std::isfinite(value)) return;
  throw DivergenceError(std::string(estimator) + ": " + what + " is " + std::to_string(value) +
                        "; the network has diverged, or the noise is too large for it");
}

inline void require(bool holds, const std::string& setting, const std::string& got,
                    const char* expected) {
  if (holds) return;
  throw SettingError(setting + ": got " + got + ", expected " + expected);
}

/// Streams of one measurement: candidates get the same noise, or each its own.
inline random::Key noise_key(random::Key key, bool common) {
  key.purpose = random::Purpose::noise;
  return common ? key.at_step(0) : key;
}

struct MeanAndError {
  double mean = 0;
  double error = 0;      // standard error of the mean; NaN for one value
  double deviation = 0;  // of the values, divisor n - 1; NaN for one value
};

inline MeanAndError mean_and_error(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double v : values) sum += v;
  const double mean = sum / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double variance = squares / (n - 1);  // 0 / 0 = NaN for one value
  return {mean, std::sqrt(variance / n), std::sqrt(variance)};
}

}  // namespace tepui::flatness::detail
