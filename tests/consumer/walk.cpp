#include <cstdio>

#include "select_selection.hpp"
#include "tepui/space/cost.hpp"

using select_exploration::selected, select_exploration::shards;

// Every architecture is met once and in order, whichever file its type was compiled in.
int main() {
  survey_space::Walk walk;
  tepui::for_each_architecture_in_shards<selected, shards>(walk);
  static_assert(selected.size() == 2 && shards == 2);
  bool same = walk.parameters.size() == selected.size();
  for (std::size_t i = 0; same && i < selected.size(); ++i) {
    const auto params = tepui::cost_of<select_exploration::Space>(selected[i]).params;
    same = params == static_cast<std::int64_t>(walk.parameters[i]);
  }
  if (!same) std::printf("the shards visited something else than was selected\n");
  return same ? 0 : 1;
}
