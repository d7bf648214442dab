#pragma once

#include <cstddef>
#include <type_traits>

#include "tepui/backend/activation.hpp"
#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/channel_grid.hpp"
#include "tepui/core/random.hpp"

/// @file
/// What is done to every element by itself.

namespace tepui::backend::cuda {

/// Blocks of so many threads for n elements, each of which takes several.
[[nodiscard]] inline Grid grid_for(std::size_t n, int threads) {
  constexpr std::size_t most = 8192;
  const std::size_t blocks = (n + wide(threads) - 1) / wide(threads);
  return {static_cast<int>(blocks < 1 ? 1 : blocks < most ? blocks : most), 1, 1};
}
/// Calls visit(i) for the elements below n that belong to a thread.
template <class Block, class Visit>
TEPUI_HOST_DEVICE void for_elements(const Block& block, int blocks, int threads, int thread,
                                    std::size_t n, Visit&& visit) {
  const std::size_t step = static_cast<std::size_t>(blocks) * static_cast<std::size_t>(threads);
  for (std::size_t i = static_cast<std::size_t>(block.index()) * static_cast<std::size_t>(threads) +
                       static_cast<std::size_t>(thread);
       i < n; i += step) {
    visit(i);
  }
}

template <Activation A, class T>
[[nodiscard]] TEPUI_HOST_DEVICE T activate(T x) {
  if constexpr (A == Activation::none) {
    return x;
  } else if constexpr (A == Activation::relu) {
    return x < T(0) ? T(0) : x;  // NaN stays
  } else {
    const T gate = x <= T(-3) ? T(0) : x >= T(3) ? T(1) : (x + T(3)) * T(1.0 / 6.0);
    return x * gate;
  }
}
/// @return the derivative at x
template <Activation A, class T>
[[nodiscard]] TEPUI_HOST_DEVICE T activation_slope(T x) {
  if constexpr (A == Activation::none) {
    return T(1);
  } else if constexpr (A == Activation::relu) {
    return x > T(0) ? T(1) : T(0);
  } else {
    return x <= T(-3) ? T(0) : x >= T(3) ? T(1) : (T(2) * x + T(3)) * T(1.0 / 6.0);
  }
}

/// The same with an activation that is known at the launch.
template <class T>
[[nodiscard]] TEPUI_HOST_DEVICE T activate(Activation a, T x) {
  switch (a) {
    case Activation::relu:
      return activate<Activation::relu>(x);
    case Activation::hard_swish:
      return activate<Activation::hard_swish>(x);
    case Activation::none:
      break;
  }
  return x;
}
template <class T>
[[nodiscard]] TEPUI_HOST_DEVICE T activation_slope(Activation a, T x) {
  switch (a) {
    case Activation::relu:
      return activation_slope<Activation::relu>(x);
    case Activation::hard_swish:
      return activation_slope<Activation::hard_swish>(x);
    case Activation::none:
      break;
  }
  return T(1);
}

/// Functions of one or two numbers.
enum class Function {
  constant,             ///< factor
  copy,                 ///< a
  scaled,               ///< factor a
  sum,                  ///< a + b
  product,              ///< a b
  relu,                 ///< relu(a)
  relu_gradient,        ///< b where a > 0
  hard_swish,           ///< a clamp(a + 3, 0, 6) / 6
  hard_swish_gradient,  ///< b times the derivative at a
  hard_sigmoid,         ///< clamp(a + 3, 0, 6) / 6
  hard_sigmoid_gradient,
};

/// @brief y = or += f(a, b) for n elements; y may be a or b.
template <Function F, class T>
struct MapElements {
  static constexpr int threads = 256;
  static constexpr int at_once = 4;  ///< elements that a thread reads ahead
  struct Shared {};
  std::size_t n = 0;
  const T* a = nullptr;
  const T* b = nullptr;
  T* y = nullptr;
  T factor = T(1);
  bool add = false;
  int blocks = 1;  ///< of the launch

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      read_ahead<at_once>(
          wide(block.index()) * threads + wide(thread), n, wide(blocks) * threads,
          [&](std::size_t i) {
            const T value = of(i);
            return add ? y[i] + value : value;
          },
          [&](std::size_t i, T value) { y[i] = value; });
    });
  }

 private:
  TEPUI_HOST_DEVICE T of(std::size_t i) const {
    if constexpr (F == Function::constant) {
      return factor;
    } else if constexpr (F == Function::copy) {
      return a[i];
    } else if constexpr (F == Function::scaled) {
      return factor * a[i];
    } else if constexpr (F == Function::sum) {
      return a[i] + b[i];
    } else if constexpr (F == Function::product) {
      return a[i] * b[i];
    } else if constexpr (F == Function::relu) {
      return activate<Activation::relu>(a[i]);
    } else if constexpr (F == Function::relu_gradient) {
      return activation_slope<Activation::relu>(a[i]) * b[i];
    } else if constexpr (F == Function::hard_swish) {
      return activate<Activation::hard_swish>(a[i]);
    } else if constexpr (F == Function::hard_swish_gradient) {
      return activation_slope<Activation::hard_swish>(a[i]) * b[i];
    } else if constexpr (F == Function::hard_sigmoid) {
      return a[i] <= T(-3) ? T(0) : a[i] >= T(3) ? T(1) : (a[i] + T(3)) * T(1.0 / 6.0);
    } else {
      return a[i] <= T(-3) || a[i] >= T(3) ? T(0) : b[i] * T(1.0 / 6.0);
    }
  }
};

/// @brief f(i) for i = 0..n-1: what layers of users do.
template <class F>
struct EachIndex {
  static_assert(std::is_trivially_copyable_v<F>,
                "for_each: on a device the function is a plain struct of pointers and numbers");
  static constexpr int threads = 256;
  struct Shared {};
  std::size_t n = 0;
  F f;
  int blocks = 1;  ///< of the launch

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) { for_elements(block, blocks, threads, thread, n, f); });
  }
};

/// @brief Copies rows, which begin `x_stride` and `y_stride` elements apart.
template <class T>
struct CopyRows {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  ChannelGrid grid;  ///< of rows and elements of a row
  const T* x = nullptr;
  std::size_t x_stride = 0;
  T* y = nullptr;
  std::size_t y_stride = 0;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int column = grid.channel_of(block.index_y(), thread);
      if (column < 0) return;
      const std::size_t first = grid.first_row(block.index());
      const T* const from = x + first * x_stride + wide(column);
      T* const to = y + first * y_stride + wide(column);
      read_ahead<ChannelGrid::at_once>(
          grid.line_of(thread), grid.rows_of(block.index()), grid.lines,
          [&](int row) { return from[wide(row) * x_stride]; },
          [&](int row, T value) { to[wide(row) * y_stride] = value; });
    });
  }
};

}  // namespace tepui::backend::cuda
