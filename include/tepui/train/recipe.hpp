#pragma once

#include <string>

#include "tepui/core/error.hpp"
#include "tepui/data/augment.hpp"
#include "tepui/nn/initialize.hpp"
#include "tepui/optim/optimizer.hpp"
#include "tepui/optim/schedule.hpp"
#include "tepui/optim/sgd.hpp"

namespace tepui::train {

/// @brief How weights are trained on images: optimizer, schedule and everything around them.
template <class Optimizer = optim::Sgd, class Schedule = optim::Cosine>
struct Recipe {
  static_assert(optim::Optimizer<Optimizer>,
                "recipe: the optimizer needs State<T>, start<T>(n) and apply(state, target) or "
                "step(state, target, objective); see optim/optimizer.hpp");
  static_assert(optim::Schedule<Schedule>,
                "recipe: the schedule needs double factor(const Progress&) const");

  Optimizer optimizer{};
  Schedule schedule{};
  int epochs = 10;             ///< >= 1
  int batch = 64;              ///< 1 to the number of training images
  double label_smoothing = 0;  ///< in [0, 1)
  double drop_path = 0;        ///< probability at the end; rises linearly with the epoch
  data::Augment augment{};
  nn::Initialization initialization = nn::Initialization::kaiming_uniform;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("optimizer", self.optimizer);
    visitor("schedule", self.schedule);
    visitor("epochs", self.epochs);
    visitor("batch", self.batch);
    visitor("label_smoothing", self.label_smoothing);
    visitor("drop_path", self.drop_path);
    visitor("augment", self.augment);
    visitor("initialization", self.initialization);
  }

  /// @throws SettingError if a setting of the recipe or of its policies is out of range
  void check() const {
    if (epochs < 1) fail("epochs", std::to_string(epochs), "at least 1");
    if (batch < 1) fail("batch", std::to_string(batch), "at least 1");
    if (!(label_smoothing >= 0 && label_smoothing < 1)) {
      fail("label_smoothing", std::to_string(label_smoothing), "0 <= s < 1");
    }
    if (!(drop_path >= 0 && drop_path < 1)) {
      fail("drop_path", std::to_string(drop_path), "0 <= p < 1");
    }
    (void)optimizer.template start<float>(0);
    (void)schedule.factor({.epoch = 0, .epochs = epochs, .step = 0, .steps_per_epoch = 1});
  }
  /// @brief As check, and refuses what the network would silently ignore.
  /// @param has_drop_path whether the network has a DropPath layer
  void check_for(bool has_drop_path) const {
    check();
    if (drop_path > 0 && !has_drop_path) {
      fail("drop_path", std::to_string(drop_path), "0, since the network has no DropPath layer");
    }
  }

 private:
  static void fail(const std::string& name, const std::string& got, const std::string& expected) {
    throw SettingError("recipe " + name + ": got " + got + ", expected " + expected);
  }
};

}  // namespace tepui::train
