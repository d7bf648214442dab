#pragma once

#include <cstddef>
#include <span>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// A node of a SampleGraph in numbers; sizes are elements of one sample.
struct NodePlan {
  std::size_t size = 0;
  bool kept = false;
  std::size_t gradient_place = 0;  ///< where the gradient of an inner node lies
  std::size_t place_size = 0;      ///< of the place with the node's number; 0: there is none
  std::size_t loop_work = 0;       ///< multiply-adds of a sample in the node's loop
};

/// An edge of a SampleGraph in numbers.
struct EdgePlan {
  std::size_t from = 0;
  std::size_t to = 0;
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  Extent saved;
  EdgeScratch scratch;
};

/// Everything about a SampleGraph at one input shape but what its edges do. The trips read it, so
/// that their loops are compiled once for all graphs.
struct SamplePlan {
  std::span<const NodePlan> nodes;
  std::span<const EdgePlan> edges;
  std::size_t all_work = 0;      ///< multiply-adds of a sample in all loops together
  std::size_t most_parts = 1;    ///< of a loop that goes back
  std::size_t at_once = 1;       ///< samples of a group
  std::size_t rooms = 0;         ///< of a thread
  std::size_t room_size = 0;     ///< elements of a room
  std::size_t edge_scratch = 0;  ///< workspace of the edges, the largest of all loops

  [[nodiscard]] constexpr std::size_t last() const { return nodes.size() - 1; }
};

}  // namespace tepui::nn::detail
