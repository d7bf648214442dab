// The command line of the program that tepui_add_exploration writes.
#include "tepui/report/explore.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace tepui;
using report::ExploreSettings;

ExploreSettings read(std::vector<const char*> words) {
  words.insert(words.begin(), "survey");
  return report::detail::read_explore_settings(static_cast<int>(words.size()), words.data());
}
void expect_refused(const std::vector<const char*>& words, const std::string& message) {
  try {
    (void)read(words);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const SettingError& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(Explore, ReadsItsCommandLine) {
  const ExploreSettings all = read({"--data", "cifar", "--images", "50", "--epochs", "3", "--seed",
                                    "18446744073709551615", "--threads", "2", "--out", "here"});
  EXPECT_EQ(all.data, "cifar");
  EXPECT_EQ(all.images, 50);
  EXPECT_EQ(all.epochs, 3);
  EXPECT_EQ(all.seed, 18446744073709551615u);
  EXPECT_EQ(all.threads, 2);
  EXPECT_EQ(all.out, "here");
  EXPECT_EQ(read({}).data, "glyphs");
}

TEST(Explore, SaysWhichOptionIsWrong) {
  expect_refused({"--epoch", "3"}, "--epoch is no option");
  expect_refused({"--epochs"}, "--epochs: a value is missing");
  expect_refused({"--epochs", "3x"}, "--epochs: got \"3x\"");
  expect_refused({"--seed", "-1"}, "--seed: got \"-1\"");
  expect_refused({"--images", "9"}, "--images: got 9, expected at least 10");
}

TEST(Explore, IsAskedForHelpAtAnyPlace) {
  const std::vector<const char*> words{"survey", "--epochs", "3", "--help"};
  EXPECT_TRUE(report::detail::asks_for_help(4, words.data()));
  EXPECT_FALSE(report::detail::asks_for_help(3, words.data()));
  EXPECT_FALSE(report::detail::asks_for_help(1, words.data()));
}

TEST(Explore, DrawsImagesInTheShapeOfTheSpace) {
  using report::detail::images_for;
  const auto grey = images_for<Shape{1, 28, 28}>("glyphs", 40);
  EXPECT_EQ(grey.train.size(), 40u);
  EXPECT_EQ(grey.test.size(), 20u);
  EXPECT_THROW((void)(images_for<Shape{1, 28, 28}>("cifar", 40)), SettingError);
  EXPECT_THROW((void)(images_for<Shape{3, 16, 16}>("/there/is/no/such/folder", 40)), FileError);
}

TEST(Explore, ReadsCifarForASpaceTooSmallForGlyphs) {
  using report::detail::images_for, report::detail::is_shrunken_cifar;
  constexpr Shape small{3, 8, 8};
  static_assert(!data::is_glyph_shape(small) && is_shrunken_cifar(small));
  static_assert(data::is_glyph_shape({1, 28, 28}) && !is_shrunken_cifar({1, 28, 28}));
  static_assert(!data::is_glyph_shape({3, 64, 65}) && !is_shrunken_cifar({3, 12, 12}));
  EXPECT_THROW((void)(images_for<small>("glyphs", 40)), SettingError);
  EXPECT_THROW((void)(images_for<small>("/there/is/no/such/folder", 40)), FileError);
}

/// The options of an exploration that a number of images bears on.
struct Options {
  struct {
    struct {
      int batch = 64;
    } recipe;
  } train, retrain;
  double validation_fraction = 0.2;
};

TEST(Explore, TakesNoBatchesLargerThanThereAreImages) {
  using report::detail::fit_batches, report::detail::images_for;
  Options few, many;
  fit_batches(few, images_for<Shape{1, 12, 12}>("glyphs", 60).train);
  EXPECT_EQ(few.train.recipe.batch, 48);
  EXPECT_EQ(few.retrain.recipe.batch, 60);
  fit_batches(many, images_for<Shape{1, 12, 12}>("glyphs", 80).train);
  EXPECT_EQ(many.train.recipe.batch, 64);
  EXPECT_EQ(many.retrain.recipe.batch, 64);
}

}  // namespace
