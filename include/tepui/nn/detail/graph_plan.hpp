#pragma once

#include <cstddef>
#include <span>

#include "tepui/core/extent.hpp"
#include "tepui/nn/detail/edges.hpp"

namespace tepui::nn::detail {

/// An edge of a graph at the shape that it has there, in elements.
struct PlannedEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  Extent saved;
  EdgeScratch scratch;
};

/// A node of a graph.
struct PlannedNode {
  std::size_t size = 0;  ///< elements a sample
  bool kept = false;  ///< lies in memory until the way back; else whoever needs it makes it again
  std::size_t gradient = 0;   ///< which of the places for gradients it uses
  std::size_t loop_work = 0;  ///< multiply-adds a sample of the loop that completes it
};

/// @brief All that the trips through a SampleGraph need to know of it: constants, as values, so
/// that the trips are compiled once for all graphs.
struct GraphPlan {
  std::span<const PlannedEdge> edges;
  std::span<const PlannedNode> nodes;
  std::span<const std::size_t> gradient_places;  ///< elements a sample of each; 0: unused
  std::size_t all_work = 0;                      ///< multiply-adds a sample of all loops together
  std::size_t most_parts = 1;                    ///< of a loop that goes back
  std::size_t edge_scratch = 0;                  ///< elements
  std::size_t at_once = 1;                       ///< samples that are taken together
  std::size_t room_size = 0;                     ///< elements
  std::size_t rooms = 0;                         ///< of each part that runs at a time
};

}  // namespace tepui::nn::detail
