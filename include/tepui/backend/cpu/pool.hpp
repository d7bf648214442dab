#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/channels.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// The part of a pooling window that lies on the input, along one axis.
struct PoolSpan {
  int begin = 0;
  int end = 0;
};
constexpr PoolSpan pool_span(int out, int stride, int padding, int kernel, int size) {
  const int first = out * stride - padding;
  return {std::max(first, 0), std::min(first + kernel, size)};
}

/// Calls `visit(out_pixel, rows, columns)` for each window.
template <PoolGeometry G, class Visit>
void for_each_window(Visit&& visit) {
  constexpr Shape out = G.out();
  for (int oy = 0; oy < out.height; ++oy) {
    const PoolSpan rows = pool_span(oy, G.stride, G.padding, G.kernel, G.in.height);
    for (int ox = 0; ox < out.width; ++ox) {
      visit(static_cast<std::size_t>(oy * out.width + ox), rows,
            pool_span(ox, G.stride, G.padding, G.kernel, G.in.width));
    }
  }
}

template <PoolGeometry G>
struct PoolKernels {
  static constexpr auto channels = static_cast<std::size_t>(G.in.channels);
  static constexpr std::size_t in_size = G.in.size();
  static constexpr std::size_t out_size = G.out().size();
  static constexpr std::size_t work =
      out_size * static_cast<std::size_t>(G.kernel * G.kernel) + in_size * element_work;

  static constexpr std::size_t at(int row, int column) {
    return static_cast<std::size_t>(row * G.in.width + column) * channels;
  }
  template <class T>
  static constexpr T weight(PoolSpan rows, PoolSpan columns) {
    if (G.count_padding) return T(1) / static_cast<T>(G.kernel * G.kernel);
    const int real = (rows.end - rows.begin) * (columns.end - columns.begin);
    return real > 0 ? T(1) / static_cast<T>(real) : T(0);
  }
  template <class T>
  static constexpr int width = channel_vectors<T>(G.in.channels).width;
  template <class T>
  using V = Vector<T, width<T>>;

  /// Larger or NaN: a maximum should not hide what is not a number.
  template <class T>
  static TEPUI_CPU_INLINE void take_larger(V<T>& best, const V<T>& value) {
    best = ((value > best) | (value != value)) ? value : best;
  }
  template <class T, int Used>
  static TEPUI_CPU_INLINE V<T> maximum(const T* source, PoolSpan rows, PoolSpan columns) {
    V<T> best = V<T>{} - std::numeric_limits<T>::infinity();
    for (int r = rows.begin; r < rows.end; ++r) {
      for (int q = columns.begin; q < columns.end; ++q) {
        take_larger<T>(best, load_first<width<T>, Used>(source + at(r, q)));
      }
    }
    return best;
  }
  template <class Body>
  static void for_samples(int batch, Body&& body) {
    for_chunks(static_cast<std::size_t>(batch), work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) body(s);
    });
  }

  template <class T>
  static void max_forward(int batch, const T* x, T* y) {
    for_samples(batch, [&](std::size_t s) {
      const T* const source = x + s * in_size;
      for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
        T* const target = y + s * out_size + out * channels;
        for_channel_vectors<G.in.channels, T>([&](auto used, std::size_t c) {
          store_first<used>(target + c, maximum<T, used>(source + c, rows, columns));
        });
      });
    });
  }

  template <class T>
  static void max_backward(int batch, const T* x, const T* dy, T* dx) {
    for_samples(batch, [&](std::size_t s) {
      const T* const source = x + s * in_size;
      T* const target = dx + s * in_size;
      std::fill_n(target, in_size, T(0));
      for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
        const T* const gradient = dy + s * out_size + out * channels;
        for_channel_vectors<G.in.channels, T>([&](auto used, std::size_t c) {
          const V<T> best = maximum<T, used>(source + c, rows, columns);
          V<T> left = load_first<width<T>, used>(gradient + c);  // zero once it is given away
          for (int r = rows.begin; r < rows.end; ++r) {
            for (int q = columns.begin; q < columns.end; ++q) {
              const V<T> value = load_first<width<T>, used>(source + at(r, q) + c);
              const auto here = (value == best) | (value != value);
              T* const to = target + at(r, q) + c;
              const V<T> sum = load_first<width<T>, used>(to) + (here ? left : V<T>{});
              store_first<used>(to, sum);
              left = here ? V<T>{} : left;
            }
          }
        });
      });
    });
  }

  template <class T>
  static void average_forward(int batch, const T* x, T* y) {
    for_samples(batch, [&](std::size_t s) {
      const T* const source = x + s * in_size;
      for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
        T* const target = y + s * out_size + out * channels;
        const T factor = weight<T>(rows, columns);
        for_channel_vectors<G.in.channels, T>([&](auto used, std::size_t c) {
          V<T> sum{};
          for (int r = rows.begin; r < rows.end; ++r) {
            for (int q = columns.begin; q < columns.end; ++q) {
              sum += load_first<width<T>, used>(source + at(r, q) + c);
            }
          }
          sum *= factor;
          store_first<used>(target + c, sum);
        });
      });
    });
  }

  template <class T>
  static void average_backward(int batch, const T* dy, T* dx) {
    for_samples(batch, [&](std::size_t s) {
      T* const target = dx + s * in_size;
      std::fill_n(target, in_size, T(0));
      for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
        const T* const gradient = dy + s * out_size + out * channels;
        const T factor = weight<T>(rows, columns);
        for_channel_vectors<G.in.channels, T>([&](auto used, std::size_t c) {
          const V<T> share = load_first<width<T>, used>(gradient + c) * factor;
          for (int r = rows.begin; r < rows.end; ++r) {
            for (int q = columns.begin; q < columns.end; ++q) {
              T* const to = target + at(r, q) + c;
              const V<T> sum = load_first<width<T>, used>(to) + share;
              store_first<used>(to, sum);
            }
          }
        });
      });
    });
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
