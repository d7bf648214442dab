// What an experiment leaves behind works in another program: winner.hpp and winner.safetensors.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tepui/core/file.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/search/random.hpp"
#include "tepui/space/materialize.hpp"

namespace {

using namespace tepui;
namespace fs = std::filesystem;

inline constexpr Shape in{1, 12, 12};
using Two =
    Space<in, nn::Conv2d<8, 3, 2>, nn::BatchNorm2d<>,
          space::Choice<0, nn::Residual<nn::Sequential<nn::Relu, nn::Conv2d<8, 3>>>, nn::HardSwish>,
          nn::GlobalAvgPool, nn::Linear<10>>;
using Experiment = tepui::Experiment<Two, train::FromScratch<>,
                                     objective::Maximize<metric::Accuracy>, search::Random>;

/// Scores of one image, as the program below makes it.
template <Two::Encoding Code>
std::vector<float> scores(const fs::path& weights) {
  nn::Model<materialize_t<Two, Code>> network;
  io::load_parameters(weights, network);
  std::vector<float> image(in.size());
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i % 7) / 4 - 0.5f;
  const auto found = network(image);
  return {found.begin(), found.end()};
}

const char* const program = R"(#include <cstdio>
#include <vector>

#include "tepui/embed.hpp"
#include "winner.hpp"

int main(int, char** arguments) {
  auto network = winner::load(arguments[1]);
  std::vector<float> image(winner::Architecture::input.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<float>(i % 7) / 4 - 0.5f;
  }
  for (const float score : network(image)) std::printf("%a\n", static_cast<double>(score));
}
)";

std::string compiler() {
#ifdef TEPUI_TEST_CXX
  return TEPUI_TEST_CXX;
#else
  return "c++";
#endif
}

TEST(Winner, WorksInAProgramOfItsOwn) {
  const fs::path folder =
      fs::temp_directory_path() /
      ("tepui_winner_" + std::to_string(::testing::UnitTest::GetInstance()->start_timestamp()));
  Experiment::Options options{.seed = 5, .threads = 1, .evaluations = 2, .evaluation_batch = 20};
  options.train.recipe.epochs = options.retrain.recipe.epochs = 1;
  options.train.recipe.batch = options.retrain.recipe.batch = 20;
  const auto result = Experiment{options}.run(data::glyphs<in>({.train = 100, .test = 20}));
  result.save(folder);
  write_file_atomically(folder / "main.cpp", program);

#ifdef __AVX__
  const std::string native = " -march=native";
#else
  const std::string native = "";
#endif
  const std::string compile = compiler() + " -std=c++20 -O1" + native + " -I" +
                              TEPUI_TEST_SOURCE_DIR "/include " + (folder / "main.cpp").string() +
                              " -o " + (folder / "main").string() + " -ltbb > " +
                              (folder / "messages.txt").string() + " 2>&1";
  const auto text = [&](const char* name) {
    const auto bytes = read_file(folder / name);
    return std::string(bytes.begin(), bytes.end());
  };
  ASSERT_EQ(std::system(compile.c_str()), 0) << compile << "\n" << text("messages.txt");
  EXPECT_EQ(text("messages.txt"), "");
  const std::string run = (folder / "main").string() + " " +
                          (folder / "winner.safetensors").string() + " > " +
                          (folder / "scores.txt").string();
  ASSERT_EQ(std::system(run.c_str()), 0);

  const auto wanted = result.best().encoding[0] == 0
                          ? scores<Two::Encoding{{0}}>(folder / "winner.safetensors")
                          : scores<Two::Encoding{{1}}>(folder / "winner.safetensors");
  std::istringstream lines(text("scores.txt"));
  std::string line;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    ASSERT_LT(count, wanted.size());
    const auto got = std::strtof(line.c_str(), nullptr);
    // The same compiler with the same flags gives the same bits; this test may have others.
    EXPECT_NEAR(got, wanted[count], 1e-5 * (1 + std::abs(wanted[count])));
    ++count;
  }
  EXPECT_EQ(count, wanted.size());
  fs::remove_all(folder);
}

}  // namespace
