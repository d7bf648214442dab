#pragma once

#include <algorithm>
#include <array>
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

  /// @param add the averages are added to y
  template <class T>
  static void average_forward(int batch, const T* x, T* y, bool add) {
    for_samples(batch, [&](std::size_t s) { average(1, x + s * in_size, y + s * out_size, add); });
  }
  /// A few samples, on the calling thread.
  template <class T>
  static void average(std::size_t count, const T* x, T* y, bool add) {
    for (std::size_t s = 0; s < count; ++s) {
      sum_windows<false>(x + s * in_size, y + s * out_size, add);
    }
  }

  /// Every input pixel gathers from the windows that cover it.
  template <class T>
  static void average_backward(int batch, const T* dy, T* dx, bool add) {
    for_samples(batch, [&](std::size_t s) {
      average_gradient(1, dy + s * out_size, dx + s * in_size, add);
    });
  }
  template <class T>
  static void average_gradient(std::size_t count, const T* dy, T* dx, bool add) {
    for (std::size_t s = 0; s < count; ++s) {
      sum_windows<true>(dy + s * out_size, dx + s * in_size, add);
    }
  }

 private:
  /// One axis of an average: the source pixels that each target pixel sums, and the share of each
  /// window along this axis (a window's divisor is the product of both axes).
  template <int Targets, int Windows>
  struct AverageAxis {
    std::array<PoolSpan, Targets> sources{};
    std::array<double, Windows> share{};
  };
  template <bool Backward, int In, int Out>
  static constexpr auto average_axis() {
    AverageAxis<Backward ? In : Out, Out> axis;
    for (int o = 0; o < Out; ++o) {
      const PoolSpan span = pool_span(o, G.stride, G.padding, G.kernel, In);
      const int real = std::max(span.end - span.begin, 0);
      const int divisor = G.count_padding ? G.kernel : real;
      axis.share[static_cast<std::size_t>(o)] = divisor > 0 ? 1.0 / divisor : 0.0;
      if constexpr (!Backward) {
        axis.sources[static_cast<std::size_t>(o)] = {span.begin, span.begin + real};
      } else {
        for (int i = span.begin; i < span.end; ++i) {
          PoolSpan& covering = axis.sources[static_cast<std::size_t>(i)];
          if (covering.end == 0) covering.begin = o;
          covering.end = o + 1;
        }
      }
    }
    return axis;
  }

  /// Sums by columns, then along the row: 2 k additions for a window of k * k.
  template <bool Backward, class T>
  static void sum_windows(const T* source, T* target, bool add) {
    constexpr Shape out = G.out();
    constexpr Shape from = Backward ? out : G.in;
    constexpr Shape to = Backward ? G.in : out;
    static constexpr auto rows = average_axis<Backward, G.in.height, out.height>();
    static constexpr auto columns = average_axis<Backward, G.in.width, out.width>();
    constexpr auto source_width = static_cast<std::size_t>(from.width);
    constexpr std::size_t source_row = source_width * channels;
    constexpr int most = [] {
      int n = 0;
      for (const PoolSpan& span : columns.sources) n = std::max(n, span.end - span.begin);
      return n;
    }();
    for (std::size_t r = 0; r < static_cast<std::size_t>(to.height); ++r) {
      T* const target_row = target + r * static_cast<std::size_t>(to.width) * channels;
      for_channel_vectors<G.in.channels, T>([&](auto used, std::size_t c) {
        V<T> sums[source_width]{};  // (a std::array of vectors here crashes GCC 12)
        for (int i = rows.sources[r].begin; i < rows.sources[r].end; ++i) {
          const auto row = static_cast<std::size_t>(i);
          const T share = Backward ? static_cast<T>(rows.share[row]) : T(1);
          const T* p = source + row * source_row + c;
          for (V<T>& sum : sums) {
            sum += load_first<width<T>, used>(p) * share;
            p += channels;
          }
        }
        if constexpr (Backward) {
          for (std::size_t q = 0; q < source_width; ++q) {
            sums[q] *= static_cast<T>(columns.share[q]);
          }
        }
        T* p = target_row + c;
        for (std::size_t q = 0; q < static_cast<std::size_t>(to.width); ++q) {
          const int count = columns.sources[q].end - columns.sources[q].begin;
          V<T> sum{};
          if (count == most) {  // nearly always, and then without a loop
            unrolled<most>([&](auto i) __attribute__((always_inline)) {
              sum += sums[columns.sources[q].begin + i];
            });
          } else {
            for (int i = 0; i < count; ++i) sum += sums[columns.sources[q].begin + i];
          }
          if constexpr (!Backward) sum *= static_cast<T>(rows.share[r] * columns.share[q]);
          if (add) sum += load_first<width<T>, used>(p);
          store_first<used>(p, sum);
          p += channels;
        }
      });
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
