// Shards together visit what for_each_architecture visits, in the same order.
#include "tepui/space/visit_shard.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tepui/space/small.hpp"

namespace visit_shard_test {

using namespace tepui;
using Space = space::Small<>;
inline constexpr auto light = select<Space>([](Cost c) { return c.params <= 1962; });
static_assert(light.size() == 8);

/// What a visitor can tell of its visits without running anything.
struct Visits {
  std::vector<std::string> encodings;
  std::vector<std::size_t> parameters;

  template <class Architecture>
  void operator()(const Space::Encoding& encoding) {
    encodings.push_back(to_string(encoding));
    parameters.push_back(Architecture::parameters);
  }
  friend bool operator==(const Visits&, const Visits&) = default;
};

}  // namespace visit_shard_test

// One file each in a program; here all in one.
using visit_shard_test::light, visit_shard_test::Visits;
template void tepui::visit_shard<light, Visits, 0, 1>(Visits&);
template void tepui::visit_shard<light, Visits, 0, 3>(Visits&);
template void tepui::visit_shard<light, Visits, 1, 3>(Visits&);
template void tepui::visit_shard<light, Visits, 2, 3>(Visits&);

namespace visit_shard_test {

TEST(VisitShard, TogetherTheyVisitEverythingInOrder) {
  Visits all;
  for_each_architecture<light>(all);
  ASSERT_EQ(all.encodings.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(all.encodings[i], to_string(light[i]));
    EXPECT_EQ(static_cast<std::int64_t>(all.parameters[i]), cost_of<Space>(light[i]).params);
  }
  Visits one;
  for_each_architecture_in_shards<light, 1>(one);
  EXPECT_EQ(one, all);
  Visits three;
  for_each_architecture_in_shards<light, 3>(three);
  EXPECT_EQ(three, all);
}

TEST(VisitShard, ShardsAreOfAboutEqualLength) {
  std::vector<std::size_t> lengths;
  Visits visits;
  visit_shard<light, Visits, 0, 3>(visits);
  lengths.push_back(visits.encodings.size());
  visit_shard<light, Visits, 1, 3>(visits);
  lengths.push_back(visits.encodings.size() - lengths[0]);
  visit_shard<light, Visits, 2, 3>(visits);
  lengths.push_back(visits.encodings.size() - lengths[0] - lengths[1]);
  EXPECT_EQ(lengths, (std::vector<std::size_t>{2, 3, 3}));
}

}  // namespace visit_shard_test
