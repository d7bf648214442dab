#include "tepui/report/progress.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

using tepui::report::ProgressLine;

struct Screen {
  double now = 100;
  std::vector<std::string> shown;
  ProgressLine line(bool terminal = true, std::size_t width = 79) {
    return {[this](std::string_view text) { shown.emplace_back(text); },
            terminal,
            [this] { return now; },
            {.seconds_between = 0.5, .width = width}};
  }
};

TEST(ProgressLine, IsSilentWithoutATerminal) {
  Screen screen;
  {
    auto line = screen.line(false);
    line.update("search", 1, 10);
    line.finish();
  }
  EXPECT_TRUE(screen.shown.empty());
}

TEST(ProgressLine, SaysPaceBestAndFailures) {
  Screen screen;
  auto line = screen.line();
  line.update("search", 0, 10);
  screen.now += 20;
  line.update("search", 4, 10, 0.91234, 2);
  ASSERT_EQ(screen.shown.size(), 2u);
  EXPECT_EQ(screen.shown[0], "\rsearch 0/10 (0%)");
  // 5 s a step, 6 steps left
  EXPECT_EQ(screen.shown[1], "\rsearch 4/10 (40%)  left 30.0 s  best 0.9123  failed 2");
  ASSERT_TRUE(line.seconds_left().has_value());
  EXPECT_EQ(*line.seconds_left(), 30.0);
}

TEST(ProgressLine, ResumedRunsEstimateFromTheirOwnSteps) {
  Screen screen;
  auto line = screen.line();
  line.update("search", 90, 100);
  EXPECT_FALSE(line.seconds_left().has_value());
  screen.now += 4;
  line.update("search", 92, 100);
  EXPECT_EQ(*line.seconds_left(), 16.0);
}

TEST(ProgressLine, DrawsAtMostSoOften) {
  Screen screen;
  auto line = screen.line();
  for (int i = 0; i <= 8; ++i) {
    line.update("train", i, 100);
    screen.now += 0.125;
  }
  // at once, after 0.5 s and after 1 s
  ASSERT_EQ(screen.shown.size(), 3u);
  EXPECT_EQ(screen.shown[1].substr(0, 12), "\rtrain 4/100");
  EXPECT_EQ(screen.shown[2].substr(0, 12), "\rtrain 8/100");
}

TEST(ProgressLine, TheLastStepIsAlwaysDrawn) {
  Screen screen;
  {
    auto line = screen.line();
    line.update("train", 0, 2);
    screen.now += 0.25;
    line.update("train", 2, 2);
  }
  ASSERT_EQ(screen.shown.size(), 3u);
  EXPECT_EQ(screen.shown[1], "\rtrain 2/2 (100%)  took 250 ms");
  EXPECT_EQ(screen.shown[2], "\n");
}

TEST(ProgressLine, FinishDrawsWhatWasHeldBack) {
  Screen screen;
  auto line = screen.line();
  line.update("train", 1, 0);
  line.update("train", 2, 0);
  EXPECT_EQ(screen.shown.size(), 1u);
  line.finish();
  line.finish();
  ASSERT_EQ(screen.shown.size(), 3u);
  EXPECT_EQ(screen.shown[1], "\rtrain 2");
  EXPECT_EQ(screen.shown[2], "\n");
}

TEST(ProgressLine, ANewPhaseIsANewLine) {
  Screen screen;
  auto line = screen.line();
  line.update("train", 1, 4);
  line.update("train", 3, 4);
  line.update("search", 0, 9);
  ASSERT_EQ(screen.shown.size(), 4u);
  EXPECT_EQ(screen.shown[1].substr(0, 10), "\rtrain 3/4");
  EXPECT_EQ(screen.shown[2], "\n");
  EXPECT_EQ(screen.shown[3], "\rsearch 0/9 (0%)");
}

TEST(ProgressLine, ShorterLinesWipeLongerOnes) {
  Screen screen;
  auto line = screen.line();
  line.update("p", 1, 0, 0.5, 1);
  screen.now += 1;
  line.update("p", 2, 0);
  EXPECT_EQ(screen.shown[0], "\rp 1  best 0.5000  failed 1");
  EXPECT_EQ(screen.shown[1], "\rp 2" + std::string(23, ' '));
}

TEST(ProgressLine, LongLinesAreCut) {
  Screen screen;
  auto line = screen.line(true, 10);
  line.update("a long phase name", 1, 2);
  EXPECT_EQ(screen.shown[0], "\ra long pha");
}

TEST(ProgressLine, AFileIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    ProgressLine line(file);
    line.update("search", 1, 2);
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
