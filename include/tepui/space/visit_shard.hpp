#pragma once

#include <cstddef>
#include <utility>

#include "tepui/space/for_each_architecture.hpp"

/// @file
/// For the source files of shards alone; see for_each_architecture_in_shards.

namespace tepui {

template <auto Chosen, class Visitor, std::size_t Shard, std::size_t Shards>
void visit_shard(Visitor& visitor) {
  static_assert(Shard < Shards, "visit_shard: shards are numbered from 0");
  if constexpr (space::detail::check_chosen<Chosen>()) {
    constexpr std::size_t first = Chosen.size() * Shard / Shards;
    constexpr std::size_t last = Chosen.size() * (Shard + 1) / Shards;
    space::detail::visit_range<Chosen, first>(visitor, std::make_index_sequence<last - first>{});
  }
}

}  // namespace tepui
