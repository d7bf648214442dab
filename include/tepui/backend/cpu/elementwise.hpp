#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Functions of single elements, a vector at a time.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Work of one element in multiply-adds: a pass over memory costs about this much.
inline constexpr std::size_t element_work = 8;

/// y[i] = f(x[i]...) for i = 0..n-1; f sees whole vectors. y may be one of the x.
template <class T, class Function, class... Inputs>
void map_elements(std::size_t n, T* y, Function f, const Inputs*... x) {
  constexpr int width = lanes<T>;
  using V = Vector<T, width>;
  for_chunks(n, element_work, [&](std::size_t begin, std::size_t end) {
    const std::size_t whole = begin + (end - begin) / width * width;
    for (std::size_t i = begin; i < whole; i += width) {
      V result;
      f(result, load<width>(x + i)...);
      store(y + i, result);
    }
    if (whole < end) {
      T tail[1 + sizeof...(x)][width]{};
      std::size_t input = 1;
      (std::copy(x + whole, x + end, tail[input++]), ...);
      V result;
      [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        f(result, load<width>(tail[Index + 1])...);
      }
      (std::make_index_sequence<sizeof...(x)>{});
      store(tail[0], result);
      std::copy_n(tail[0], end - whole, y + whole);
    }
  });
}

/// max(x, 0); the derivative at 0 is 0 and NaN stays NaN.
struct ReluFunction {
  template <class V>
  static TEPUI_CPU_INLINE void value(V& y, const V& x) {
    y = x < V{} ? V{} : x;
  }
  template <class V>
  static TEPUI_CPU_INLINE void gradient(V& dx, const V& x, const V& dy) {
    dx = x <= V{} ? V{} : dy;
  }
};

/// clamp(x + 3, 0, 6) / 6; derivative 0 at both kinks.
struct HardSigmoidFunction {
  template <class V>
  static TEPUI_CPU_INLINE void value(V& y, const V& x) {
    const V six = V{} + 6;
    const V shifted = x + 3;
    const V low = shifted < V{} ? V{} : shifted;
    y = (low > six ? six : low) / 6;
  }
  template <class V>
  static TEPUI_CPU_INLINE void gradient(V& dx, const V& x, const V& dy) {
    const V three = V{} + 3;
    const V inner = dy / 6;
    const V right = x < three ? inner : V{};
    dx = x > -three ? right : V{};
  }
};

/// x * clamp(x + 3, 0, 6) / 6; derivative 0, x / 3 + 1 / 2 from -3 on, 1 from 3 on.
/// @source A. Howard et al., Searching for MobileNetV3, ICCV 2019, section 5.2.
struct HardSwishFunction {
  template <class V>
  static TEPUI_CPU_INLINE void value(V& y, const V& x) {
    V gate;
    HardSigmoidFunction::value(gate, x);
    y = x * gate;
  }
  template <class V>
  static TEPUI_CPU_INLINE void gradient(V& dx, const V& x, const V& dy) {
    const V three = V{} + 3;
    const V half = (V{} + 1) / 2;
    const V inner = dy * (x / 3 + half);
    const V right = x < three ? inner : dy;
    dx = x < -three ? V{} : right;
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
