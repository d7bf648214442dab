#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/peak.hpp"

namespace tepui::nn {

/// @brief Branches over the same input, their channels one after the other.
///
/// (N, H, W, C) to (N, Ho, Wo, C1 + C2 + ...); all branches give the same height and width.
template <class... Branch>
struct Concat : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(sizeof...(Branch) > 0, "Concat: at least one branch is needed");
  static_assert((Layer<Branch> && ...), "Concat: every branch must be a layer; see nn/layer.hpp");

  using Children = types<Branch...>;
  template <class... New>
  using WithChildren = Concat<New...>;

  static constexpr std::size_t count = sizeof...(Branch);

  static constexpr Rule check(Shape in) {
    if (((Branch::check(in) != Rule::fits) || ...)) return Rule::an_inner_layer_refuses_its_input;
    const std::array<Shape, count> out{Branch::output(in)...};
    for (const Shape s : out) {
      if (s.height != out[0].height || s.width != out[0].width) {
        return Rule::concatenated_parts_must_have_the_same_height_and_width;
      }
    }
    return Rule::fits;
  }
  template <Shape In>
  static constexpr auto explain() {
    constexpr std::size_t first = first_misfit(In);
    return explain_layer<type_at<first, Branch...>, In, first>();
  }
  static constexpr Shape output(Shape in) {
    Shape out = type_at<0, Branch...>::output(in);
    out.channels = (Branch::output(in).channels + ...);
    return out;
  }
  static constexpr std::size_t parameters(Shape in) { return (Branch::parameters(in) + ...); }
  static constexpr std::size_t buffers(Shape in) { return (Branch::buffers(in) + ...); }
  static constexpr Extent saved(Shape in) { return (Branch::saved(in) + ...); }
  /// One branch's output or its gradient, a gradient by the input, and what a branch needs.
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    Extent most;
    ((most = max_extent(most, Branch::template scratch<In, Backend>())), ...);
    return branch(In) + Extent{In.size(), 0} + most;
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    return (Branch::cost(in, query) + ...);
  }
  /// Branches one after the other, each into its place in the output.
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    std::size_t most = 0;
    std::size_t beside = 0;  // outputs that are there
    std::size_t left = count;
    ((most = std::max(most, beside + peak_of<Branch, In>(choices, --left > 0 || keeps_input)),
      beside += Branch::output(In).size()),
     ...);
    return most;
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    return std::max({depth_of<Branch, In>(choices)...});
  }
  static void describe(Shape in, Description& d) {
    std::size_t i = 0;
    (d.scope("", i++, [&] { Branch::describe(in, d); }), ...);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    const std::size_t rows = pixels(In, pass.batch);
    const auto all = static_cast<std::size_t>(output(In).channels);
    T* y = at.y;
    T* const one = at.scratch;
    at.scratch += branch(In).at(pass.batch) + Extent{In.size(), 0}.at(pass.batch);
    at.y = one;
    const auto next = [&]<class L>(types<L>) {
      constexpr auto channels = static_cast<std::size_t>(L::output(In).channels);
      L::template forward<In>(pass, at);
      pass.backend.copy_rows(rows, channels, one, channels, y, all);
      y += channels;
      at.parameters += L::parameters(In);
      at.buffers += L::buffers(In);
      at.saved += L::saved(In).at(pass.batch);
    };
    (next(types<Branch>{}), ...);
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    const std::size_t rows = pixels(In, pass.batch);
    const std::size_t inputs = In.size() * static_cast<std::size_t>(pass.batch);
    const auto all = static_cast<std::size_t>(output(In).channels);
    T* const dx = at.dx;
    const T* dy = at.dy;
    T* const one = at.scratch;
    T* const more = one + branch(In).at(pass.batch);
    at.scratch = more + Extent{In.size(), 0}.at(pass.batch);
    at.dy = one;
    bool first = true;
    const auto next = [&]<class L>(types<L>) {
      constexpr auto channels = static_cast<std::size_t>(L::output(In).channels);
      pass.backend.copy_rows(rows, channels, dy, all, one, channels);
      at.dx = dx == nullptr || std::exchange(first, false) ? dx : more;
      L::template backward<In>(pass, at);
      if (at.dx == more) pass.backend.add(inputs, more, dx);
      dy += channels;
      at.parameters += L::parameters(In);
      at.gradient += L::parameters(In);
      at.saved += L::saved(In).at(pass.batch);
    };
    (next(types<Branch>{}), ...);
  }

 private:
  static constexpr std::size_t pixels(Shape in, int batch) {
    return static_cast<std::size_t>(output(in).pixels()) * static_cast<std::size_t>(batch);
  }
  static constexpr Extent branch(Shape in) {
    Extent most;
    ((most = max_extent(most, Extent{Branch::output(in).size(), 0})), ...);
    return most;
  }
  static constexpr std::size_t first_misfit(Shape in) {
    std::size_t i = 0;
    (void)(((Branch::check(in) == Rule::fits && (++i, true)) && ...));
    return i < count ? i : count - 1;
  }
};

}  // namespace tepui::nn
