#pragma once

#include <cstdint>

#include "tepui/nn/depth.hpp"
#include "tepui/nn/detail/cell_plan.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/peak.hpp"

namespace tepui::nn::detail {

/// What the plan of a cell has to know of an operation.
template <class Op, Shape In>
constexpr PlannedOption planned(const std::uint8_t* choices) {
  return {.nothing = Op::flow(choices) == Flow::nothing,
          .passes = Op::flow(choices) == Flow::passes,
          .peak_kept = peak_of<Op, In>(choices, true),
          .peak_last = peak_of<Op, In>(choices, false),
          .depth = depth_of<Op, In>(choices)};
}

}  // namespace tepui::nn::detail
