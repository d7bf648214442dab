#pragma once

#include <cmath>
#include <cstddef>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::optim::detail {

/// Options are checked when a run starts, once.
inline void require(bool holds, const char* setting, double value, const char* expected) {
  if (holds) return;
  throw SettingError(std::string(setting) + ": got " + std::to_string(value) + ", expected " +
                     expected);
}

inline bool finite_and_at_least(double value, double low) {
  return std::isfinite(value) && value >= low;
}

/// A rule that treats kinds of tensors differently needs to see them all.
template <class T, class Vectors>
void require_tensors(const Target<T, Vectors>& target, const char* what) {
  if (elements_in(target.tensors) == elements_in(target.active)) return;
  throw SettingError(std::string(what) + ": the listed tensors hold " +
                     std::to_string(elements_in(target.tensors)) +
                     " parameters, but the active ranges hold " +
                     std::to_string(elements_in(target.active)) +
                     "; list in Target::tensors every tensor that takes part in the step");
}

}  // namespace tepui::optim::detail
