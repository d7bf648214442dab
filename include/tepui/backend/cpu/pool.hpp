#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/chunks.hpp"
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
  static constexpr std::size_t work = out_size * static_cast<std::size_t>(G.kernel * G.kernel);

  static constexpr std::size_t at(int row, int column) {
    return static_cast<std::size_t>(row * G.in.width + column) * channels;
  }
  template <class T>
  static constexpr T weight(PoolSpan rows, PoolSpan columns) {
    if (G.count_padding) return T(1) / static_cast<T>(G.kernel * G.kernel);
    const int real = (rows.end - rows.begin) * (columns.end - columns.begin);
    return real > 0 ? T(1) / static_cast<T>(real) : T(0);
  }
  /// NaN wins, as a maximum should not hide it.
  template <class T>
  static bool greater(T value, T best) {
    return value > best || value != value;
  }

  template <class T>
  static void max_forward(int batch, const T* x, T* y) {
    for_chunks(static_cast<std::size_t>(batch), work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
          T* target = y + s * out_size + out * channels;
          std::fill_n(target, channels, -std::numeric_limits<T>::infinity());
          for (int r = rows.begin; r < rows.end; ++r) {
            for (int q = columns.begin; q < columns.end; ++q) {
              const T* source = x + s * in_size + at(r, q);
              for (std::size_t c = 0; c < channels; ++c) {
                if (greater(source[c], target[c])) target[c] = source[c];
              }
            }
          }
        });
      }
    });
  }

  template <class T>
  static void max_backward(int batch, const T* x, const T* dy, T* dx) {
    for_chunks(static_cast<std::size_t>(batch), work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        T* dxs = dx + s * in_size;
        std::fill_n(dxs, in_size, T(0));
        for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
          for (std::size_t c = 0; c < channels; ++c) {
            T best = -std::numeric_limits<T>::infinity();
            std::size_t where = at(rows.begin, columns.begin);
            for (int r = rows.begin; r < rows.end; ++r) {
              for (int q = columns.begin; q < columns.end; ++q) {
                const T value = x[s * in_size + at(r, q) + c];
                if (greater(value, best)) {
                  best = value;
                  where = at(r, q);
                }
              }
            }
            if (rows.begin < rows.end && columns.begin < columns.end) {
              dxs[where + c] += dy[s * out_size + out * channels + c];
            }
          }
        });
      }
    });
  }

  template <class T>
  static void average_forward(int batch, const T* x, T* y) {
    for_chunks(static_cast<std::size_t>(batch), work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
          T* target = y + s * out_size + out * channels;
          std::fill_n(target, channels, T(0));
          for (int r = rows.begin; r < rows.end; ++r) {
            for (int q = columns.begin; q < columns.end; ++q) {
              const T* source = x + s * in_size + at(r, q);
              for (std::size_t c = 0; c < channels; ++c) target[c] += source[c];
            }
          }
          const T factor = weight<T>(rows, columns);
          for (std::size_t c = 0; c < channels; ++c) target[c] *= factor;
        });
      }
    });
  }

  template <class T>
  static void average_backward(int batch, const T* dy, T* dx) {
    for_chunks(static_cast<std::size_t>(batch), work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        T* dxs = dx + s * in_size;
        std::fill_n(dxs, in_size, T(0));
        for_each_window<G>([&](std::size_t out, PoolSpan rows, PoolSpan columns) {
          const T factor = weight<T>(rows, columns);
          const T* source = dy + s * out_size + out * channels;
          for (int r = rows.begin; r < rows.end; ++r) {
            for (int q = columns.begin; q < columns.end; ++q) {
              T* target = dxs + at(r, q);
              for (std::size_t c = 0; c < channels; ++c) target[c] += factor * source[c];
            }
          }
        });
      }
    });
  }
};

/// Mean over all pixels; y (N, C).
template <Shape S>
struct GlobalPoolKernels {
  static constexpr auto channels = static_cast<std::size_t>(S.channels);
  static constexpr auto pixels = static_cast<std::size_t>(S.pixels());

  template <class T>
  static void forward(int batch, const T* x, T* y) {
    for_chunks(static_cast<std::size_t>(batch), S.size(), [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        T* target = y + s * channels;
        std::fill_n(target, channels, T(0));
        for (std::size_t p = 0; p < pixels; ++p) {
          const T* source = x + (s * pixels + p) * channels;
          for (std::size_t c = 0; c < channels; ++c) target[c] += source[c];
        }
        for (std::size_t c = 0; c < channels; ++c) target[c] /= static_cast<T>(pixels);
      }
    });
  }

  template <class T>
  static void backward(int batch, const T* dy, T* dx) {
    for_chunks(static_cast<std::size_t>(batch), S.size(), [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for (std::size_t p = 0; p < pixels; ++p) {
          T* target = dx + (s * pixels + p) * channels;
          for (std::size_t c = 0; c < channels; ++c) {
            target[c] = dy[s * channels + c] / static_cast<T>(pixels);
          }
        }
      }
    });
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
