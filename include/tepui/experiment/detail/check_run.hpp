#pragma once

#include <string>

#include "tepui/core/error.hpp"

namespace tepui::detail {

/// Refuses settings that are out of range.
class SettingCheck {
 public:
  /// @param whose first word of the messages
  explicit SettingCheck(const char* whose) : whose_(whose) {}

  /// @throws SettingError unless `holds`
  void operator()(bool holds, const char* name, const std::string& got,
                  const char* expected) const {
    if (holds) return;
    throw SettingError(std::string(whose_) + " " + name + ": got " + got + ", expected " +
                       expected);
  }

 private:
  const char* whose_;
};

/// The settings that every run has.
template <class Options>
void check_run(const Options& options, const SettingCheck& require) {
  require(options.validation_fraction > 0 && options.validation_fraction < 1, "validation_fraction",
          std::to_string(options.validation_fraction), "a number between 0 and 1");
  require(options.evaluation_batch >= 1, "evaluation_batch",
          std::to_string(options.evaluation_batch), "at least 1");
  options.train.recipe.check();
  options.retrain.recipe.check();
}

}  // namespace tepui::detail
