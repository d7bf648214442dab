#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <utility>

#include "tepui/backend/cpu.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/space/nas_bench_201.hpp"

/// @file
/// A whole experiment of a few moments, to be run on several backends.

namespace tepui::test {

inline constexpr Shape small_images{1, 12, 12};
using SmallSpace = space::NasBench201<4, 1, 10, small_images>;
template <class Backend>
using SmallExperiment =
    Experiment<SmallSpace, train::SinglePath<optim::Sam<optim::Sgd>>,
               objective::Maximize<flatness::Genas>, search::RegularizedEvolution, Backend>;

template <class Backend>
typename SmallExperiment<Backend>::Result small_experiment() {
  typename SmallExperiment<Backend>::Options o{.seed = 7,
                                               .threads = 2,
                                               .evaluations = 4,
                                               .candidates_at_once = 2,
                                               .evaluation_batch = 10,
                                               .recalibration_batches = 2};
  o.train.recipe.epochs = 1;
  o.train.recipe.batch = 10;
  o.train.recipe.augment = {.crop_padding = 2, .flip = true};
  o.train.recipe.optimizer.base.learning_rate = 0.02;
  o.retrain.recipe.epochs = 1;
  o.retrain.recipe.batch = 10;
  o.search.population = 2;
  o.search.tournament = 1;
  static const auto data = data::glyphs<small_images>({.train = 50, .test = 10});
  return SmallExperiment<Backend>{std::move(o)}.run(data);
}

/// The same trials with the same scores to rounding, and the same winner.
template <class Backend>
void expect_the_experiment_of_the_processor() {
  const auto wanted = small_experiment<backend::Cpu>();
  const auto got = small_experiment<Backend>();
  ASSERT_EQ(got.trials.size(), wanted.trials.size());
  for (std::size_t i = 0; i < got.trials.size(); ++i) {
    EXPECT_EQ(got.trials[i].encoding, wanted.trials[i].encoding) << i;
    ASSERT_EQ(got.trials[i].scored.scores.size(), 1u);
    const double score = wanted.trials[i].scored.scores[0];
    EXPECT_NEAR(got.trials[i].scored.scores[0], score, 1e-3 * std::abs(score)) << i;
  }
  EXPECT_EQ(got.winner_name, wanted.winner_name);
  EXPECT_NEAR(got.supernet_history.back().loss, wanted.supernet_history.back().loss, 1e-3);
  EXPECT_NEAR(got.retrained.history.back().loss, wanted.retrained.history.back().loss, 1e-3);
  ASSERT_EQ(got.winner_parameters.size(), wanted.winner_parameters.size());
  for (std::size_t i = 0; i < got.winner_parameters.size(); ++i) {
    ASSERT_NEAR(got.winner_parameters[i], wanted.winner_parameters[i], 1e-3) << i;
  }
}

}  // namespace tepui::test
