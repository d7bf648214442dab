#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"
#include "tepui/flatness/detail/perturb.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::flatness {

/// How the weights of noise level i come about.
enum class NoiseMode {
  cumulative,  ///< w_i = w_{i-1} + (sigma_i - sigma_{i-1}) z_i: the code of GeNAS
  direct,      ///< w_i = w + sigma_i z_i: its publication
};

/// How the slopes between noise levels are added up.
enum class SlopeForm {
  absolute,  ///< sum of |slope|
  plain,     ///< sum of slopes with their signs: the first form of the poster
};

/// Which mean of the loss is used.
enum class LossMean {
  batches,  ///< of batch means: a last, smaller batch counts like a full one
  samples,
};

/// @brief Flatness of GeNAS: how little the loss rises from one noise level to the next, and how
/// low it is at the first.
///
///     L_i = loss with noise of level i, i = 1..t
///     S = alpha |L_1 / sigma_1| + sum_{i<t} |(L_{i+1} - L_i) / (sigma_{i+1} - sigma_i)|
///     F = 1 / (S + epsilon)                                     larger is flatter
///
/// The value is the mean of F over the draws, each draw with its own noise at every level. With the
/// settings of the paper's code the first term outweighs the slopes by far, so the parts are
/// reported one by one: "depth" |L_1 / sigma_1|, "slopes" (their sum), "slope_i", "loss_i" (means
/// over draws), "score_of_mean_losses" (F of the mean losses, in which the noise that the absolute
/// values add averages out) and "beta_score" (value / sigma_1, what combined metrics weigh).
/// Costs t evaluations a draw and one copy of the weights.
/// @throws SettingError (measure) if an option is out of its range, DivergenceError if a loss or F
///         is not finite
/// @determinism same key, same bits, for every thread count
/// @source GeNAS, arXiv 2305.08611, and its code; what differs between the two is an option here
struct Genas {
  std::vector<double> sigmas{0.001, 0.003, 0.006};  ///< noise levels, > 0, strictly increasing
  double alpha = 1;                                 ///< weight of the depth term, >= 0
  double epsilon = 1e-5;                            ///< added to S, >= 0
  int draws = 1;                                    ///< >= 1
  NoiseMode mode = NoiseMode::cumulative;
  SlopeForm form = SlopeForm::absolute;
  LossMean loss = LossMean::batches;
  Filter filter = Filter::all;
  Scale scale = Scale::absolute;
  bool common_noise = true;   ///< ignores key.step: candidates that differ in it get the same noise
  bool share_levels = false;  ///< one direction for all levels of a draw instead of one each
  bool antithetic = false;    ///< every second draw is the mirror image of the one before

  static constexpr bool larger_is_better = true;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("sigmas", self.sigmas);
    visitor("alpha", self.alpha);
    visitor("epsilon", self.epsilon);
    visitor("draws", self.draws);
    visitor("mode", self.mode);
    visitor("form", self.form);
    visitor("loss", self.loss);
    visitor("filter", self.filter);
    visitor("scale", self.scale);
    visitor("common_noise", self.common_noise);
    visitor("share_levels", self.share_levels);
    visitor("antithetic", self.antithetic);
  }

  /// The code of GeNAS with the noise levels of its README: fresh noise for every candidate.
  [[nodiscard]] static Genas reference() {
    Genas options;
    options.common_noise = false;
    return options;
  }
  /// The code of GeNAS with the noise levels its function has as defaults: 0.01, 0.015, .. 0.05.
  [[nodiscard]] static Genas reference_defaults() {
    Genas options = reference();
    options.sigmas = {0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05};
    return options;
  }
  /// The final form of the publication: direct noise, no epsilon. Its alpha is not stated; 1 here.
  [[nodiscard]] static Genas published() {
    Genas options = reference();
    options.mode = NoiseMode::direct;
    options.epsilon = 0;
    return options;
  }
  /// The first form of the poster: slopes with their signs, no depth term.
  [[nodiscard]] static Genas published_first_form() {
    Genas options = published();
    options.alpha = 0;
    options.form = SlopeForm::plain;
    return options;
  }

  /// What the score is made of.
  struct Terms {
    double depth = 0;            ///< |L_1 / sigma_1|, without alpha
    std::vector<double> slopes;  ///< t - 1, absolute or with their signs
    double slope_sum = 0;
    double score = 0;  ///< F
  };

  /// @param losses one per sigma
  [[nodiscard]] Terms terms(std::span<const double> losses) const {
    Terms result;
    result.depth = std::abs(losses[0] / sigmas[0]);
    for (std::size_t i = 0; i + 1 < losses.size(); ++i) {
      const double slope = (losses[i + 1] - losses[i]) / (sigmas[i + 1] - sigmas[i]);
      result.slopes.push_back(form == SlopeForm::absolute ? std::abs(slope) : slope);
      result.slope_sum += result.slopes.back();
    }
    result.score = 1 / (alpha * result.depth + result.slope_sum + epsilon);
    return result;
  }

  /// 1 / sigma_1: brings F to the scale of an accuracy where metrics are added up.
  [[nodiscard]] double beta() const { return 1 / sigmas.at(0); }

  template <Landscape L>
  Measurement measure(L& landscape, random::Key key) const {
    return measure_with(landscape, GaussianNoise{detail::noise_key(key, common_noise)});
  }

  /// @brief measure with noise of your own.
  /// @param noise noise(draw, level, first, last, visit) calls visit(i, z) for i = first..last-1;
  ///              may run on several threads
  template <Landscape L, class Noise>
  Measurement measure_with(L& landscape, const Noise& noise) const {
    check();
    const std::size_t levels = sigmas.size();
    const auto all_draws = static_cast<std::size_t>(draws);
    auto perturbed = detail::perturbation_of<Noise>(landscape, filter, scale);

    std::vector<double> losses(levels);
    std::vector<double> mean_losses(levels);
    std::vector<double> mean_slopes(levels - 1);
    std::vector<double> scores;  // of independent draws: a mirrored pair gives one
    double mean_depth = 0;
    for (std::size_t draw = 0; draw < all_draws; ++draw) {
      const bool mirrored = antithetic && draw % 2 == 1;
      const double sign = mirrored ? -1 : 1;
      const std::size_t stream = antithetic ? draw / 2 : draw;
      perturbed.reset();
      for (std::size_t i = 0; i < levels; ++i) {
        const double before = mode == NoiseMode::cumulative && i > 0 ? sigmas[i - 1] : 0.0;
        if (mode == NoiseMode::direct) perturbed.reset();
        perturbed.disturb(sign * (sigmas[i] - before), noise, stream, share_levels ? 0 : i);
        const Evaluation at = landscape.evaluate(perturbed.weights());
        losses[i] = loss == LossMean::batches ? at.loss : at.loss_per_sample;
        detail::require_finite(losses[i], "Genas",
                               "the loss at sigma " + std::to_string(sigmas[i]));
        mean_losses[i] += losses[i] / draws;
      }
      const Terms found = terms(losses);
      detail::require_finite(found.score, "Genas", "the flatness (the inverse of a sum of slopes)");
      mean_depth += found.depth / draws;
      for (std::size_t i = 0; i + 1 < levels; ++i) mean_slopes[i] += found.slopes[i] / draws;
      if (mirrored) {
        scores.back() = (scores.back() + found.score) / 2;
      } else {
        scores.push_back(found.score);
      }
    }
    const detail::MeanAndError score = detail::mean_and_error(scores);
    return report(score.mean, score.error, mean_depth, mean_slopes, mean_losses);
  }

 private:
  void check() const {
    detail::require(!sigmas.empty(), "Genas sigmas", "none", "at least one noise level");
    double previous = 0;
    for (const double sigma : sigmas) {
      detail::require(std::isfinite(sigma) && sigma > previous, "Genas sigmas",
                      std::to_string(sigma) + " after " + std::to_string(previous),
                      "levels > 0 that strictly increase");
      previous = sigma;
    }
    detail::require(std::isfinite(alpha) && alpha >= 0, "Genas alpha", std::to_string(alpha),
                    "a number >= 0");
    detail::require(alpha > 0 || sigmas.size() > 1, "Genas sigmas", "one level and alpha 0",
                    "two levels, or alpha > 0: otherwise there is nothing to measure");
    detail::require(std::isfinite(epsilon) && epsilon >= 0, "Genas epsilon",
                    std::to_string(epsilon), "a number >= 0");
    detail::require(draws >= 1, "Genas draws", std::to_string(draws), "at least 1");
    detail::require(!antithetic || draws % 2 == 0, "Genas draws", std::to_string(draws),
                    "an even number together with antithetic");
  }

  [[nodiscard]] Measurement report(double value, double error, double depth,
                                   std::span<const double> slopes,
                                   std::span<const double> losses) const {
    Measurement result;
    result.value = value;
    result.standard_error = error;
    result.larger_is_better = larger_is_better;
    double slope_sum = 0;
    for (const double slope : slopes) slope_sum += slope;
    result.parts = {{"depth", depth}, {"slopes", slope_sum}};
    for (std::size_t i = 0; i < slopes.size(); ++i) {
      result.parts.emplace_back("slope_" + std::to_string(i + 1), slopes[i]);
    }
    for (std::size_t i = 0; i < losses.size(); ++i) {
      result.parts.emplace_back("loss_" + std::to_string(i + 1), losses[i]);
    }
    result.parts.emplace_back("score_of_mean_losses", terms(losses).score);
    result.parts.emplace_back("beta_score", value * beta());
    return result;
  }
};

}  // namespace tepui::flatness
