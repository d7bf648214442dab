#pragma once

#include <cmath>
#include <concepts>
#include <numbers>
#include <string>

#include "tepui/core/error.hpp"

/// @file
/// Learning-rate schedules: factors on the optimizer's own learning rate.

namespace tepui::optim {

/// @brief Where in the training a step is; everything counts from 0.
struct Progress {
  int epoch = 0;   ///< 0..epochs-1
  int epochs = 1;  ///< length of the training, >= 1
  long step = 0;   ///< steps taken before this one, in the whole training
  long steps_per_epoch = 1;
};

/// @brief `factor(progress)` is what the learning rate is multiplied by for this step.
template <class S>
concept Schedule = requires(const S& schedule, const Progress& progress) {
  { schedule.factor(progress) } -> std::convertible_to<double>;
};

/// What time passes in.
enum class Per { epoch, step };

/// @brief The learning rate never changes.
struct Constant {
  [[nodiscard]] double factor(const Progress&) const { return 1; }

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

/// @brief Multiplies by `ratio` after every `epochs_between` epochs.
struct StepDecay {
  int epochs_between = 30;  ///< >= 1
  double ratio = 0.1;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("epochs_between", self.epochs_between);
    visitor("ratio", self.ratio);
  }

  [[nodiscard]] double factor(const Progress& at) const {
    if (epochs_between < 1) {
      throw SettingError("StepDecay epochs_between: got " + std::to_string(epochs_between) +
                         ", expected at least 1");
    }
    return std::pow(ratio, at.epoch / epochs_between);
  }
};

/// @brief ratio^epoch (0.97 in DARTS' ImageNet training).
struct Exponential {
  double ratio = 0.97;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("ratio", self.ratio);
  }

  [[nodiscard]] double factor(const Progress& at) const { return std::pow(ratio, at.epoch); }
};

/// @brief Half a cosine wave from 1 down to `final_fraction`:
/// f + (1 - f) (1 + cos(pi (t + offset) / period)) / 2.
///
/// t counts epochs or steps, the period is the whole training in the same unit. Presets hold what
/// published code does differently.
/// @source I. Loshchilov and F. Hutter, SGDR, ICLR 2017, equation 5, without restarts
struct Cosine {
  double final_fraction = 0;  ///< learning rate at the end of the wave, relative to the first
  Per per = Per::epoch;
  /// Added to t. 1: the first epoch already uses the second value and the last one the final value,
  /// as code does that advances its scheduler before the epoch.
  int offset = 0;
  /// The period is `epochs` even where t counts steps, so the rate swings up and down with a full
  /// period of 2 * epochs steps: the slip in later FlatNAS code.
  bool period_in_epochs = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("final_fraction", self.final_fraction);
    visitor("per", self.per);
    visitor("offset", self.offset);
    visitor("period_in_epochs", self.period_in_epochs);
  }

  /// GeNAS supernet: 0.025 to 0.001, scheduler advanced before the epoch.
  [[nodiscard]] static constexpr Cosine genas() {
    return {.final_fraction = 0.04, .per = Per::epoch, .offset = 1};
  }
  /// FlatNAS after publication: advanced every step, period counted in epochs.
  [[nodiscard]] static constexpr Cosine flatnas_legacy() {
    return {.final_fraction = 0, .per = Per::step, .offset = 0, .period_in_epochs = true};
  }

  [[nodiscard]] double factor(const Progress& at) const {
    const bool by_step = per == Per::step;
    const double t = (by_step ? static_cast<double>(at.step) : at.epoch) + offset;
    const double period = by_step && !period_in_epochs ? static_cast<double>(at.epochs) *
                                                             static_cast<double>(at.steps_per_epoch)
                                                       : at.epochs;
    return final_fraction +
           (1 - final_fraction) * (1 + std::cos(std::numbers::pi * t / period)) / 2;
  }
};

/// @brief LIN250: linear to epoch E - tail, then a second, flatter line to the end.
///
/// Epoch e of E, tail n: (E - n - e) / (E - n) while E - e > n, then (E - e) / (n (E - n)).
/// The ImageNet training of P-DARTS, PC-DARTS, ABS, RLNAS and GeNAS, mostly with E = 250 and
/// WarmUp.
struct Linear250 {
  int tail_epochs = 5;  ///< >= 1, less than the epochs of the training

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("tail_epochs", self.tail_epochs);
  }

  /// @throws SettingError if the training is not longer than the tail
  [[nodiscard]] double factor(const Progress& at) const {
    if (tail_epochs < 1 || at.epochs <= tail_epochs) {
      throw SettingError("Linear250: tail_epochs = " + std::to_string(tail_epochs) +
                         " does not fit a training of " + std::to_string(at.epochs) +
                         " epochs; it must be at least 1 and less than the epochs");
    }
    const double slope = at.epochs - tail_epochs;
    const int left = at.epochs - at.epoch;
    if (left > tail_epochs) return (left - tail_epochs) / slope;
    return left / (tail_epochs * slope);
  }
};

/// @brief Multiplies Base's factor by (t + 1) / n during the first n epochs or their steps.
/// @source P. Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2; starting at 1/n as
///         the NAS codes do
template <class Base = Constant>
struct WarmUp {
  static_assert(Schedule<Base>, "WarmUp: Base needs double factor(const Progress&) const");

  Base base{};
  int epochs = 5;  ///< >= 0
  Per per = Per::epoch;
  bool scales_base = true;  ///< false: rises to the full rate, then follows Base

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("base", self.base);
    visitor("epochs", self.epochs);
    visitor("per", self.per);
    visitor("scales_base", self.scales_base);
  }

  [[nodiscard]] double factor(const Progress& at) const {
    if (at.epoch >= epochs) return base.factor(at);
    const double part =
        per == Per::epoch
            ? (at.epoch + 1.0) / epochs
            : (static_cast<double>(at.step) + 1) /
                  (static_cast<double>(epochs) * static_cast<double>(at.steps_per_epoch));
    return scales_base ? part * base.factor(at) : part;
  }
};

}  // namespace tepui::optim
