#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine.hpp"
#include "networks.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/flatness/genas.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/supernet/candidate.hpp"
#include "tepui/supernet/extract.hpp"
#include "train.hpp"

namespace engine {
namespace {

using Step = std::function<void()>;
using Mixed = Network<1, mixed>;

/// Seconds of one call on so many threads.
double seconds_of(const Step& step, int threads) {
  using Clock = std::chrono::steady_clock;
  tepui::ThreadLimit limit(threads);
  return limit.run([&] {
    const auto begin = Clock::now();
    step();
    return std::chrono::duration<double>(Clock::now() - begin).count();
  });
}

/// Times both in turn and prints the median of the ratios with its quartiles.
void compare(const char* name, int rounds, const Step& above, int above_threads, const Step& below,
             int below_threads) {
  seconds_of(above, above_threads);
  seconds_of(below, below_threads);
  std::vector<double> ratios;
  for (int r = 0; r < rounds; ++r) {
    const double a = seconds_of(above, above_threads);
    ratios.push_back(a / seconds_of(below, below_threads));
  }
  std::printf(
      "{\"ratio\": \"%s\", \"value\": %.3f, \"low\": %.3f, \"high\": %.3f, "
      "\"rounds\": %d}\n",
      name, quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75), rounds);
  std::fflush(stdout);
}

template <class Training>
Step steps(std::shared_ptr<Training> training, int count) {
  return [training, count] {
    for (int i = 0; i < count; ++i) training->step();
  };
}

void compare_sam(int threads) {
  using Sam = tepui::optim::Sam<tepui::optim::Sgd>;
  auto plain = std::make_shared<Training<Mixed>>(64);
  auto sam = std::make_shared<Training<Mixed, Sam>>(64, Sam{.base = sgd});
  compare("sam_step / sgd_step", 21, steps(sam, 4), threads, steps(plain, 4), threads);
}

void compare_threads(int threads) {
  auto large = std::make_shared<Training<Network<5, all3x3>>>(64);
  compare("all3x3_n5: 1 thread / all threads", 7, steps(large, 1), 1, steps(large, 1), threads);
  auto middle = std::make_shared<Training<Mixed>>(64);
  compare("mixed_n1: 1 thread / all threads", 21, steps(middle, 4), 1, steps(middle, 4), threads);
  auto little = std::make_shared<Training<StudySized>>(32);
  compare("small: 1 thread / all threads", 21, steps(little, 50), 1, steps(little, 50), threads);
}

void compare_f_val(int threads) {
  using Model = tepui::nn::Model<Mixed>;
  const auto images = tepui::data::glyphs<cifar>({.train = 10, .test = 10'000});
  std::vector<std::uint32_t> all(images.test.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  const tepui::train::EvaluationSet<float, cifar> set(images.test, all,
                                                      tepui::data::measure(images.train), 256);
  Model model(256);
  model.initialize({1, tepui::random::Purpose::initialize});
  tepui::supernet::Candidate<Model, cifar> candidate(model, set, nullptr, Mixed::cost());
  const tepui::flatness::Genas f_val;  // three noise levels
  compare(
      "f_val / 3 evaluations", 5,
      [&] {
        (void)f_val.measure(candidate, {1, tepui::random::Purpose::noise});
      },
      threads,
      [&] {
        for (int i = 0; i < 3; ++i) (void)candidate.evaluate(candidate.weights());
      },
      threads);
}

/// What a static network saves over the same path through the supernet, with equal weights.
template <class Space, tepui::Encoding<6> Code>
void compare_static(const char* name) {
  using Supernet = tepui::nn::Model<typename Space::Network>;
  static constexpr int batch = 64;
  static constexpr auto code = Code;
  Supernet path(batch);
  path.initialize({1, tepui::random::Purpose::initialize});
  auto winner = tepui::supernet::extract<Space, Code>(path);
  const auto images = noise(batch * Space::input.size(), 0);
  const auto forward = [&images](auto& model, const std::uint8_t* choices) {
    auto pass = model.pass(batch, choices);
    for (int i = 0; i < 4; ++i) (void)model.forward(pass, images.data());
  };
  compare(
      name, 21, [&] { forward(path, code.data()); }, 1, [&] { forward(winner, nullptr); }, 1);
}

}  // namespace

void print_ratios(int threads) {
  compare_static<Space<5>, all3x3>("supernet path / static winner, all3x3_n5, forward");
  compare_static<Space<5>, mixed>("supernet path / static winner, mixed_n5, forward");
  compare_static<tepui::space::NasBench201<8, 1, 10, tepui::Shape{3, 16, 16}>, mixed>(
      "supernet path / static winner, small, forward");
  compare_sam(threads);
  compare_f_val(threads);
  compare_threads(threads);
}

}  // namespace engine
