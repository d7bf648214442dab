#pragma once

// The experiment itself: one type, and what is printed about its result.

#include <tepui/tepui.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "settings.hpp"

namespace example {

using Optimizer = tepui::optim::Sam<tepui::optim::ClipNorm<tepui::optim::Sgd>>;

/// The type is the experiment: space, training, objective, strategy, backend.
template <tepui::data::DatasetLike Data, class Backend>
using Search = tepui::Experiment<tepui::space::NasBench201<8, 1, Data::classes, Data::shape>,
                                 tepui::train::SinglePath<Optimizer>,
                                 tepui::objective::Maximize<tepui::flatness::Genas>,
                                 tepui::search::RegularizedEvolution,  //
                                 Backend>;

/// Numbers are values: they change without compiling again.
template <class Experiment>
typename Experiment::Options options_for(const Settings& settings, const Budget& budget,
                                         tepui::data::Augment augment) {
  typename Experiment::Options o;
  o.seed = settings.seed;
  o.threads = settings.threads;
  o.evaluations = settings.evaluations.value_or(budget.evaluations);
  o.validation_fraction = budget.validation_fraction;
  o.search.population = 20;
  o.search.tournament = 5;
  o.objective.metric.draws = settings.draws.value_or(3);
  const auto tune = [&](auto& recipe, int epochs) {
    recipe.epochs = epochs;
    recipe.batch = settings.batch.value_or(budget.batch);
    recipe.augment = augment;
    recipe.optimizer.base.base = {.learning_rate = 0.1, .nesterov = true, .weight_decay = 5e-4};
  };
  tune(o.train.recipe, settings.epochs.value_or(budget.epochs));
  tune(o.retrain.recipe, settings.retrain_epochs.value_or(budget.retrain_epochs));
  o.constraints.max_params = settings.max_params;
  return o;
}

template <class Result>
void print(const Result& result, const std::string& data, const std::string& out) {
  namespace report = tepui::report;
  const auto& best = result.best();
  const auto& flatness = best.scored.measurements[0];

  using report::Align;
  report::Table trials(
      {{"rank"}, {"architecture", Align::left}, {"flatness F"}, {"loss there"}, {"params"}});
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    if (!result.trials[i].scored.scores.empty()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return result.trials[a].scored.scores[0] > result.trials[b].scored.scores[0];
  });
  for (std::size_t k = 0; k < std::min<std::size_t>(5, order.size()); ++k) {
    const auto& trial = result.trials[order[k]];
    const auto& m = trial.scored.measurements[0];
    trials.add_row({std::to_string(k + 1), to_string(trial.encoding),
                    report::mean_and_error(m.part("beta_score"),
                                           m.standard_error * m.part("beta_score") / m.value),
                    report::fixed(m.part("loss_1"), 4), report::count(trial.cost.params)});
  }
  std::printf("\nFlattest of %zu architectures (F scaled by 1 / sigma_1):\n\n%s\n", order.size(),
              trials.text().c_str());

  report::Table summary({{"result", Align::left}, {"", Align::left}});
  summary.add_row({"data", data});
  summary.add_row({"winner", result.winner_name});
  summary.add_row({"parameters", std::to_string(best.cost.params)});
  summary.add_row({"MACs", report::count(best.cost.macs)});
  summary.add_row({"depth / slopes", report::fixed(flatness.part("depth"), 1) + " / " +
                                         report::fixed(flatness.part("slopes"), 1)});
  if (result.retrained.failure.empty()) {
    summary.add_row({"test accuracy, retrained",
                     report::fixed(100 * result.retrained.test.accuracy, 2) + " % of " +
                         std::to_string(result.retrained.test.samples) + " images"});
  } else {
    summary.add_row({"retraining failed", result.retrained.failure});
  }
  const auto& t = result.timings;
  summary.add_row({"supernet", report::duration(t.supernet_seconds)});
  summary.add_row({"search", report::duration(t.search_seconds)});
  summary.add_row({"retraining", report::duration(t.retrain_seconds)});
  std::printf("%s\nWrote results.json, trials.csv%s to %s\n", summary.text().c_str(),
              result.retrained.failure.empty() ? ", winner.hpp and winner.safetensors"
                                               : " and winner.hpp (no weights)",
              out.c_str());
}

/// Runs the search on a data set, prints and saves what it found.
template <class Backend, tepui::data::DatasetLike Data>
void run(const Data& data, const Settings& settings, const Budget& budget,
         tepui::data::Augment augment) {
  using Experiment = Search<Data, Backend>;
  const auto options = options_for<Experiment>(settings, budget, augment);
  std::printf(
      "%s: %zu training and %zu test images of %s\n"
      "budget: %d supernet epochs, %d architectures, %d epochs for the winner; seed %llu\n",
      data.name.c_str(), data.train.size(), data.test.size(), to_string(Data::shape).c_str(),
      options.train.recipe.epochs, options.evaluations, options.retrain.recipe.epochs,
      static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  // A result that cannot be saved is found out before the work, not after it.
  tepui::make_writable_directory(settings.out);
  // What was found so far is kept, so that --resume can go on with a run that was stopped.
  const std::string kept = settings.out + "/journal";
  tepui::Journal journal(kept);
  if (settings.restart) journal.discard();
  if (journal.exists() && !settings.resume) {
    throw tepui::SettingError(kept +
                              " holds a run that was stopped: --resume goes on with it, "
                              "--restart drops it");
  }
  if (settings.resume && !journal.exists()) {
    std::printf("%s holds nothing to go on with: a new run\n", kept.c_str());
  }
  tepui::report::ConsoleObserver observer;
  const auto result = Experiment{options}.run(data, observer, journal);
  observer.finish();
  result.save(settings.out);
  journal.discard();
  print(result, data.name, settings.out);
}

}  // namespace example
