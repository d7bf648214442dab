#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"
#include "tepui/flatness/detail/perturb.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::flatness {

/// @brief Robustness figure R of FlatNAS: by how many percentage points the accuracy moves when the
/// weights are disturbed.
///
///     R = mean over draws of |a_0 - a_i|,  a_i = 100 * accuracy(w (1 + sigma z_i))
///
/// Smaller is flatter. A draw that improves the accuracy counts as well. Parts: "accuracy" a_0,
/// "mean_accuracy" of the draws and "accuracy_deviation" between them, all in percent. Costs 1 +
/// draws evaluations and one copy of the weights.
/// @throws SettingError (measure) if an option is out of its range, DivergenceError if the
///         undisturbed loss or an accuracy is not finite
/// @determinism same key, same bits, for every thread count
/// @source M. Gambella et al., FlatNAS, IJCNN 2024, arXiv 2402.19102, and its code at publication;
///         here a_0 and a_i are taken on the same samples
struct FlatNas {
  double sigma = 0.05;            ///< size of the noise, >= 0
  int draws = 20;                 ///< >= 1
  Scale scale = Scale::relative;  ///< relative: w (1 + sigma z)
  Filter filter = Filter::all;
  bool rounded = false;      ///< R to two decimals, as the code stores it
  bool common_noise = true;  ///< ignores key.step: candidates that differ in it get the same noise

  static constexpr bool larger_is_better = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("sigma", self.sigma);
    visitor("draws", self.draws);
    visitor("scale", self.scale);
    visitor("filter", self.filter);
    visitor("rounded", self.rounded);
    visitor("common_noise", self.common_noise);
  }

  /// The code at publication: R rounded, fresh noise for every candidate.
  [[nodiscard]] static FlatNas reference() {
    FlatNas options;
    options.rounded = true;
    options.common_noise = false;
    return options;
  }

  template <Landscape L>
  Measurement measure(L& landscape, random::Key key) const {
    return measure_with(landscape, GaussianNoise{detail::noise_key(key, common_noise)});
  }

  /// @brief measure with noise of your own; see Genas::measure_with. The level is always 0.
  template <Landscape L, class Noise>
  Measurement measure_with(L& landscape, const Noise& noise) const {
    detail::require(std::isfinite(sigma) && sigma >= 0, "FlatNas sigma", std::to_string(sigma),
                    "a number >= 0");
    detail::require(draws >= 1, "FlatNas draws", std::to_string(draws), "at least 1");
    const Evaluation at_rest = landscape.evaluate(landscape.weights());
    detail::require_finite(at_rest.loss, "FlatNas", "the loss");
    const double accuracy = percent(at_rest.accuracy);

    auto perturbed = detail::perturbation_of<Noise>(landscape, filter, scale);
    std::vector<double> accuracies;
    std::vector<double> changes;
    for (std::size_t draw = 0; draw < static_cast<std::size_t>(draws); ++draw) {
      perturbed.reset();
      perturbed.disturb(sigma, noise, draw, 0);
      accuracies.push_back(percent(landscape.evaluate(perturbed.weights()).accuracy));
      changes.push_back(std::abs(accuracy - accuracies.back()));
    }
    const detail::MeanAndError change = detail::mean_and_error(changes);
    const detail::MeanAndError disturbed = detail::mean_and_error(accuracies);

    Measurement result;
    result.value = rounded ? std::round(change.mean * 100) / 100 : change.mean;
    result.standard_error = change.error;
    result.larger_is_better = larger_is_better;
    result.parts = {{"accuracy", accuracy},
                    {"mean_accuracy", disturbed.mean},
                    {"accuracy_deviation", disturbed.deviation}};
    return result;
  }

 private:
  static double percent(double accuracy) {
    detail::require_finite(accuracy, "FlatNas", "the accuracy");
    return 100 * accuracy;
  }
};

}  // namespace tepui::flatness
