#pragma once

#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Winograd's F(4, 3): four targets of a three-tap convolution from six products. Each function is
/// one line of a tile; a tile takes it down its columns, then along its rows.
///
/// The six points are 0, +-5/8, +-3/2 and infinity. With them all constants of the source's side
/// are exact, and float errors are half of those with the usual 0, +-1, +-2.
/// @source A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016;
///         B. Barabasz et al., Error Analysis and Improving the Accuracy of Winograd Convolution
///         for Deep Neural Networks, ACM TOMS 46, 2020 (the choice of points).

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Targets of a line, and products (sources) of one.
inline constexpr int tile_targets = 4;
inline constexpr int tile_points = 6;

/// In Lavin's notation: B^T, A^T, A, G and G^T.
template <class T, class V>
struct WinogradLine {
  /// The points that are not 0 or infinity are a, -a, b and -b.
  static constexpr T a = T(0.625);
  static constexpr T b = T(1.5);
  static constexpr T aa = a * a;
  static constexpr T bb = b * b;
  static constexpr T at_zero = T(1) / (aa * bb);
  static constexpr T at_a = T(1) / (T(2) * aa * (aa - bb));
  static constexpr T at_b = T(1) / (T(2) * bb * (bb - aa));

  /// Points of sources.
  static TEPUI_CPU_INLINE void sources(V (&v)[6], const V (&d)[6]) {
    const V even_a = d[4] - bb * d[2];
    const V odd_a = d[3] - bb * d[1];
    const V even_b = d[4] - aa * d[2];
    const V odd_b = d[3] - aa * d[1];
    v[0] = (aa * bb) * d[0] + (d[4] - (aa + bb) * d[2]);
    v[1] = even_a + a * odd_a;
    v[2] = even_a - a * odd_a;
    v[3] = even_b + b * odd_b;
    v[4] = even_b - b * odd_b;
    v[5] = (aa * bb) * d[1] + (d[5] - (aa + bb) * d[3]);
  }
  /// Targets of the products.
  static TEPUI_CPU_INLINE void targets(V (&y)[4], const V (&m)[6]) {
    const V even_a = m[1] + m[2];
    const V odd_a = m[1] - m[2];
    const V even_b = m[3] + m[4];
    const V odd_b = m[3] - m[4];
    y[0] = m[0] + (even_a + even_b);
    y[1] = a * odd_a + b * odd_b;
    y[2] = aa * even_a + bb * even_b;
    y[3] = (aa * a) * odd_a + ((bb * b) * odd_b + m[5]);
  }
  /// Points of target gradients.
  static TEPUI_CPU_INLINE void gradients(V (&m)[6], const V (&y)[4]) {
    const V even_a = y[0] + aa * y[2];
    const V odd_a = y[1] + aa * y[3];
    const V even_b = y[0] + bb * y[2];
    const V odd_b = y[1] + bb * y[3];
    m[0] = y[0];
    m[1] = even_a + a * odd_a;
    m[2] = even_a - a * odd_a;
    m[3] = even_b + b * odd_b;
    m[4] = even_b - b * odd_b;
    m[5] = y[3];
  }
  /// Points of taps.
  static TEPUI_CPU_INLINE void taps(V (&u)[6], const V (&g)[3]) {
    const V even_a = at_a * g[0] + (at_a * aa) * g[2];
    const V odd_a = (at_a * a) * g[1];
    const V even_b = at_b * g[0] + (at_b * bb) * g[2];
    const V odd_b = (at_b * b) * g[1];
    u[0] = at_zero * g[0];
    u[1] = even_a + odd_a;
    u[2] = even_a - odd_a;
    u[3] = even_b + odd_b;
    u[4] = even_b - odd_b;
    u[5] = g[2];
  }
  /// Tap gradients of the products.
  static TEPUI_CPU_INLINE void tap_gradients(V (&g)[3], const V (&u)[6]) {
    const V even_a = u[1] + u[2];
    const V even_b = u[3] + u[4];
    g[0] = at_zero * u[0] + (at_a * even_a + at_b * even_b);
    g[1] = (at_a * a) * (u[1] - u[2]) + (at_b * b) * (u[3] - u[4]);
    g[2] = (at_a * aa) * even_a + ((at_b * bb) * even_b + u[5]);
  }
};

/// A function of lines on a tile: `column(j, from)` reads a column, `row(i, to)` takes a row.
template <int From, int To, class V, class Line, class Column, class Row>
TEPUI_CPU_INLINE void transform_tile(Line&& line, Column&& column, Row&& row) {
  V half[To][From];
#pragma GCC unroll 6
  for (int j = 0; j < From; ++j) {
    V from[From];
    V to[To];
    column(j, from);
    line(to, from);
#pragma GCC unroll 6
    for (int i = 0; i < To; ++i) half[i][j] = to[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < To; ++i) {
    V to[To];
    line(to, half[i]);
    row(i, to);
  }
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
