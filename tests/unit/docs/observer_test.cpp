// The example of docs/concepts/observer.md, watching a search made of small policies.
#include "tepui/experiment/observer.hpp"

#include <gtest/gtest.h>

#include <map>
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

/// Remembers the best score after every candidate, and how many steps the trainings had.
struct History {
  std::vector<double> best;
  std::map<std::string, long> steps;

  void on_progress(const tepui::ExperimentProgress& progress) {
    if (progress.phase == "search") {
      best.push_back(progress.best);
    } else {
      steps[std::string(progress.phase)] = progress.done;
    }
  }
};

static_assert(tepui::Observer<History>);

using namespace tepui;

using Tiny =
    Space<Shape{1, 12, 12}, space::Choice<0, nn::Conv2d<4, 1>, nn::Conv2d<4, 3>>, nn::Relu,
          space::Choice<1, nn::MaxPool<2>, nn::AvgPool<2>>, nn::GlobalAvgPool, nn::Linear<10>>;
using Search = Experiment<Tiny, train::SinglePath<>, objective::Minimize<metric::Loss>,  //
                          search::Random>;

TEST(ObserverPage, ExampleSeesEveryCandidateAndStep) {
  Search::Options options;
  options.threads = 1;
  options.evaluations = 3;
  options.train.recipe.epochs = 1;
  options.train.recipe.batch = 20;
  options.retrain.recipe = options.train.recipe;
  History history;
  const auto result =
      Search{options}.run(data::glyphs<Shape{1, 12, 12}>({.train = 100, .test = 10}), history);
  EXPECT_EQ(result.trials.size(), 3u);
  ASSERT_EQ(history.best.size(), 3u);
  EXPECT_LE(history.best[0], history.best[2]);
  EXPECT_EQ(history.steps["supernet"], 4);  // 80 images, the other 20 are held out
  EXPECT_EQ(history.steps["retrain"], 5);   // all 100 images
  EXPECT_EQ(history.steps["test"], 1);
}

}  // namespace
