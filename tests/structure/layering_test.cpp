#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "structure/include_rules.hpp"

namespace {

namespace fs = std::filesystem;

/// A header tree that exists while the object does.
class Tree {
 public:
  Tree() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / (std::string("tepui_layering_") + test->name());
    fs::remove_all(root_);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  Tree& add(const std::string& header, const std::string& lines = "") {
    const fs::path file = root_ / "tepui" / header;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "#pragma once\n" << lines << "\n";
    return *this;
  }
  Tree& add_raw(const std::string& header, const std::string& lines) {
    add(header);
    std::ofstream(root_ / "tepui" / header) << lines << "\n";
    return *this;
  }

  [[nodiscard]] std::vector<std::string> problems() const {
    return tepui_test::broken_include_rules(root_);
  }

 private:
  fs::path root_;
};

using Problems = std::vector<std::string>;

TEST(Layering, LibraryKeepsTheOrderOfTheHouse) {
  const auto problems =
      tepui_test::broken_include_rules(fs::path(TEPUI_TEST_SOURCE_DIR) / "include");
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
}

TEST(Layering, AcceptsDownwardIncludes) {
  Tree tree;
  tree.add("version.hpp")
      .add("core/shape.hpp", "#include <vector>\n#include \"tepui/version.hpp\"");
  tree.add("backend/cpu/gemm.hpp",
           "#include <tbb/task_arena.h>\n#include \"tepui/core/shape.hpp\"");
  tree.add("nn/conv2d.hpp", "#include \"tepui/backend/cpu/gemm.hpp\"");
  tree.add("nn/network.hpp", "#include \"tepui/nn/conv2d.hpp\"");
  tree.add("report/table.hpp", "#include \"tepui/nn/network.hpp\"");
  tree.add("tepui.hpp", "#include \"tepui/report/table.hpp\"\n#include \"tepui/nn/network.hpp\"");
  EXPECT_EQ(tree.problems(), Problems{});
}

TEST(Layering, FindsAnUpwardInclude) {
  Tree tree;
  tree.add("nn/layer.hpp").add("core/shape.hpp", "\n#include \"tepui/nn/layer.hpp\"");
  EXPECT_EQ(tree.problems(), Problems{"tepui/core/shape.hpp:3: core may not include nn"});
}

TEST(Layering, FindsAnUpwardIncludeAtEveryStep) {
  const std::vector<std::string> order = {"core",   "cost",    "nn",         "space",
                                          "optim",  "metric",  "train",      "supernet",
                                          "search", "tabular", "experiment", "report"};
  for (std::size_t low = 0; low + 1 < order.size(); ++low) {
    Tree tree;
    tree.add(order[low + 1] + "/a.hpp");
    tree.add(order[low] + "/b.hpp", "#include \"tepui/" + order[low + 1] + "/a.hpp\"");
    EXPECT_EQ(tree.problems(), Problems{"tepui/" + order[low] + "/b.hpp:2: " + order[low] +
                                        " may not include " + order[low + 1]});
  }
}

TEST(Layering, FindsNeighboursThatSeeEachOther) {
  const std::vector<std::pair<std::string, std::string>> neighbours = {
      {"search", "export"}, {"search", "surrogate"}, {"flatness", "optim"},
      {"cost", "data"},     {"data", "backend"},     {"backend", "cost"}};
  for (const auto& [left, right] : neighbours) {
    for (const bool swap : {false, true}) {
      const std::string from = swap ? right : left;
      const std::string to = swap ? left : right;
      Tree tree;
      tree.add(to + "/a.hpp").add(from + "/b.hpp", "#include \"tepui/" + to + "/a.hpp\"");
      EXPECT_EQ(tree.problems(),
                Problems{"tepui/" + from + "/b.hpp:2: " + from + " may not include " + to});
    }
  }
}

TEST(Layering, SeesThroughBlanksAndIgnoresComments) {
  Tree tree;
  tree.add("nn/layer.hpp");
  tree.add("core/a.hpp", "  #  include\t\"tepui/nn/layer.hpp\"");
  tree.add("core/b.hpp", "// #include \"tepui/nn/layer.hpp\"");
  EXPECT_EQ(tree.problems(), Problems{"tepui/core/a.hpp:2: core may not include nn"});
}

TEST(Layering, FindsTheUmbrellaInsideTheLibrary) {
  Tree tree;
  tree.add("tepui.hpp").add("report/table.hpp", "#include \"tepui/tepui.hpp\"");
  EXPECT_EQ(tree.problems(),
            Problems{"tepui/report/table.hpp:2: includes the umbrella tepui/tepui.hpp"});
}

TEST(Layering, ASmallerUmbrellaSeesRoomsAndIsSeenByNone) {
  Tree tree;
  tree.add("core/a.hpp").add("embed.hpp", "#include \"tepui/core/a.hpp\"");
  EXPECT_EQ(tree.problems(), Problems{});
  tree.add("nn/b.hpp", "#include \"tepui/embed.hpp\"");
  EXPECT_EQ(tree.problems(), Problems{"tepui/nn/b.hpp:2: includes the umbrella tepui/embed.hpp"});
}

TEST(Layering, FindsIostream) {
  Tree tree;
  tree.add("core/a.hpp", "#include<iostream>");
  EXPECT_EQ(tree.problems(), Problems{"tepui/core/a.hpp:2: <iostream> in a header"});
}

TEST(Layering, FindsAMissingHeaderAndAnUnknownRoom) {
  Tree tree;
  tree.add("core/a.hpp", "#include \"tepui/core/gone.hpp\"");
  tree.add("attic/b.hpp");
  EXPECT_EQ(tree.problems(),
            (Problems{"tepui/attic/b.hpp: the room attic is not in the order of the house",
                      "tepui/core/a.hpp:2: tepui/core/gone.hpp does not exist"}));
}

TEST(Layering, FindsRelativeAndBracketedOwnIncludes) {
  Tree tree;
  tree.add("core/a.hpp");
  tree.add("core/b.hpp", "#include \"a.hpp\"\n#include <tepui/core/a.hpp>");
  EXPECT_EQ(tree.problems(),
            (Problems{"tepui/core/b.hpp:2: \"a.hpp\" is not named from the include folder",
                      "tepui/core/b.hpp:3: own header in angle brackets"}));
}

TEST(Layering, FindsARoomInATopLevelHeader) {
  Tree tree;
  tree.add("core/a.hpp").add("version.hpp", "#include \"tepui/core/a.hpp\"");
  EXPECT_EQ(tree.problems(),
            Problems{"tepui/version.hpp:2: a top-level header includes the room core"});
}

TEST(Layering, FindsForeignMacrosAndMissingGuards) {
  Tree tree;
  tree.add("core/a.hpp", "#define TEPUI_FINE 1\n#define LEAKS 1");
  tree.add_raw("core/b.hpp", "#include <vector>");
  EXPECT_EQ(tree.problems(), (Problems{"tepui/core/a.hpp:3: a macro without TEPUI_: LEAKS 1",
                                       "tepui/core/b.hpp: has no #pragma once"}));
}

}  // namespace
