#include "tepui/space/canonical.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tepui/space/nas_bench_201.hpp"

namespace {

using tepui::canonical;
using S = tepui::space::NasBench201<>;
using Cell = S::Encoding;
using tepui::space::nas_bench_201::Sameness;
using tepui::space::nas_bench_201::Signature;

/// The terms of a node as a text that is the same for equal sums, written as one would by hand.
std::multiset<std::string> terms_of(const Cell& cell) {
  const std::string names[] = {"", "", "conv1", "conv3", "pool"};
  std::vector<std::multiset<std::string>> nodes{{"x"}};
  std::size_t edge = 0;
  for (std::size_t to = 1; to <= 3; ++to) {
    std::multiset<std::string> sum;
    for (std::size_t from = 0; from < to; ++from) {
      const std::uint8_t operation = cell[edge++];
      if (operation == 0 || nodes[from].empty()) continue;
      if (operation == 1) {
        sum.insert(nodes[from].begin(), nodes[from].end());
        continue;
      }
      std::string inside;
      for (const std::string& term : nodes[from]) inside += term + "+";
      sum.insert(names[operation] + "(" + inside + ")");
    }
    nodes.push_back(std::move(sum));
  }
  return nodes.back();
}

TEST(Canonical, IsTheFirstCellWithTheSameSumAtItsOutput) {
  std::map<std::multiset<std::string>, Cell> first;
  for (std::uint64_t i = 0; i < 15'625; ++i) {
    const Cell cell = tepui::space::unrank<S>(i);
    const Cell expected = first.try_emplace(terms_of(cell), cell).first->second;
    ASSERT_EQ(canonical<S>(cell), expected) << S::print(cell);
  }
  EXPECT_EQ(first.size(), tepui::count_distinct<S>());
}

}  // namespace
