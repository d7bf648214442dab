// The example of docs/concepts/storage.md, in a search made of small policies.
#include "tepui/experiment/storage.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/search/random.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/space.hpp"

namespace {

/// Keeps the trials in memory: a second run in the same program measures nothing twice.
template <class E>
struct Memory {
  tepui::Recorded<E> kept;

  template <class Encoding>
  tepui::Recorded<Encoding> open(const tepui::io::Json&) const {
    return kept;
  }
  void keep(const tepui::SharedWeights& weights) { kept.supernet = weights; }
  void append(const tepui::Trial<E>& trial) { kept.trials.push_back(trial); }
};

using namespace tepui;

using Tiny =
    Space<Shape{1, 12, 12}, space::Choice<0, nn::Conv2d<4, 1>, nn::Conv2d<4, 3>>, nn::Relu,
          space::Choice<1, nn::MaxPool<2>, nn::AvgPool<2>>, nn::GlobalAvgPool, nn::Linear<10>>;

/// The loss, counting how often it is asked for.
struct CountedLoss : metric::Loss {
  static inline int calls = 0;
  template <class Candidate>
  [[nodiscard]] metric::Measurement measure(Candidate& candidate, random::Key key) const {
    ++calls;
    return metric::Loss::measure(candidate, key);
  }
};
using Search =
    Experiment<Tiny, train::SinglePath<>, objective::Minimize<CountedLoss>, search::Random>;

TEST(StoragePage, ExampleMeasuresNothingTwice) {
  Search::Options options;
  options.threads = 1;
  options.evaluations = 3;
  options.train.recipe.epochs = 1;
  options.train.recipe.batch = 20;
  options.retrain.recipe = options.train.recipe;
  const auto images = data::glyphs<Shape{1, 12, 12}>({.train = 100, .test = 10});
  const Search search(options);
  Memory<Tiny::Encoding> memory;
  const auto first = search.run(images, Unobserved{}, memory);
  const int calls = CountedLoss::calls;
  const auto second = search.run(images, Unobserved{}, memory);
  EXPECT_EQ(memory.kept.trials.size(), 3u);
  EXPECT_EQ(CountedLoss::calls, calls + 1);  // the rehearsal
  EXPECT_EQ(first.trials_table().text(), second.trials_table().text());
  EXPECT_EQ(first.winner_parameters, second.winner_parameters);
}

}  // namespace
