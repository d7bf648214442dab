#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

#include "tepui/core/error.hpp"
#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"
#include "tepui/metric/metric.hpp"

namespace tepui::metric {

/// @brief Inner products of two weight vectors, gathered piece by piece in double.
struct InnerProducts {
  double uu = 0;
  double vv = 0;
  double uv = 0;

  /// Adds two pieces of equal length, `times` over.
  template <class T>
  void add(std::span<const T> u, std::span<const T> v, double times = 1) {
    double a = 0;
    double b = 0;
    double c = 0;
    for (std::size_t i = 0; i < u.size(); ++i) {
      const double x = static_cast<double>(u[i]);
      const double y = static_cast<double>(v[i]);
      a += x * x;
      b += y * y;
      c += x * y;
    }
    uu += times * a;
    vv += times * b;
    uv += times * c;
  }
  /// Adds `count` entries that have the same value in both vectors.
  void add_constant(double count, double value) {
    uu += count * value * value;
    vv += count * value * value;
    uv += count * value * value;
  }
  /// @return the angle in radians; 0 where one of the vectors is zero, NaN where one is not finite
  [[nodiscard]] double angle() const {
    const double norm = std::sqrt(uu) * std::sqrt(vv);
    return norm == 0 ? 0.0 : std::acos(std::clamp(uv / norm, -1.0, 1.0));
  }
};

/// @brief Angle between the weights before and after training; larger means more was learnt.
///
/// The vector of a cell-based network concatenates its input-to-output paths, so a tensor counts
/// once for every live path of its cell through it; pooling windows are constant entries.
/// Part "angle_over_pi" is the angle on the scale of an accuracy, which sums of metrics use.
/// @pre the candidate has initial_weights() and constants()
/// @source Y. Hu et al., Angle-based Search Space Shrinking for NAS, ECCV 2020; X. Zhang et al.,
///         Neural Architecture Search with Random Labels, CVPR 2021 (paths as there)
struct Angle {
  bool paths = true;           ///< tensors count once a path; false: once if any path uses them
  bool constants = true;       ///< pooling windows count
  bool normalizations = true;  ///< scales and shifts of normalisations count
  bool biases = true;          ///< biases of convolutions and linear layers count
  /// A cell without any live path gives 0 (RLNAS); false: what lies outside cells still counts
  /// (ABS).
  bool zero_if_disconnected = true;

  static constexpr bool larger_is_better = true;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("paths", self.paths);
    visitor("constants", self.constants);
    visitor("normalizations", self.normalizations);
    visitor("biases", self.biases);
    visitor("zero_if_disconnected", self.zero_if_disconnected);
  }

  /// The value on the scale of an accuracy.
  [[nodiscard]] static double comparable(double radians) { return radians / std::numbers::pi; }

  template <class Candidate>
  [[nodiscard]] Measurement measure(Candidate& candidate, random::Key) const {
    const auto before = candidate.initial_weights();
    const auto after = candidate.weights();
    if (before.size() != after.size()) {
      throw SettingError("Angle: the weights before training were not kept for this candidate");
    }
    InnerProducts sums;
    double entries = 0;
    for (const ParameterInfo& tensor : candidate.tensors()) {
      if (!counts(tensor.kind)) continue;
      const int times = paths ? tensor.path_count : std::min(tensor.path_count, 1);
      sums.add(before.subspan(tensor.offset, tensor.count),
               after.subspan(tensor.offset, tensor.count), times);
      entries += static_cast<double>(tensor.count) * times;
    }
    if (constants) {
      for (const auto& constant : candidate.constants()) {
        const int times = paths ? constant.path_count : std::min(constant.path_count, 1);
        sums.add_constant(static_cast<double>(constant.count) * times, constant.value);
        entries += static_cast<double>(constant.count) * times;
      }
    }
    double radians = sums.angle();
    if constexpr (requires { candidate.connected(); }) {
      if (zero_if_disconnected && !candidate.connected()) radians = 0;
    }
    if (!std::isfinite(radians)) throw DivergenceError("Angle: the weights are not finite");
    return {.value = radians,
            .parts = {{"angle_over_pi", comparable(radians)}, {"entries", entries}}};
  }

 private:
  [[nodiscard]] bool counts(ParameterKind kind) const {
    switch (kind) {
      case ParameterKind::weight:
        return true;
      case ParameterKind::bias:
        return biases;
      case ParameterKind::norm_weight:
      case ParameterKind::norm_bias:
        return normalizations;
    }
    return true;
  }
};

}  // namespace tepui::metric
