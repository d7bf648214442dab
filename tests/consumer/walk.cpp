#include <cstdio>

#include "tepui/space/cost.hpp"
#include "walk_selection.hpp"

// Every architecture is met once and in order, whichever file its type was compiled in.
int main() {
  survey_space::Walk walk;
  tepui::for_each_architecture_in_shards<walk::selected, walk::shards>(walk);
  static_assert(walk::selected.size() == 2 && walk::shards == 2);
  bool same = walk.parameters.size() == walk::selected.size();
  for (std::size_t i = 0; same && i < walk::selected.size(); ++i) {
    const auto params = tepui::cost_of<walk::Space>(walk::selected[i]).params;
    same = params == static_cast<std::int64_t>(walk.parameters[i]);
  }
  if (!same) std::printf("the shards visited something else than was selected\n");
  return same ? 0 : 1;
}
