#pragma once

#include <cstddef>
#include <numeric>

#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// How (rows, C) is read in vectors. Where a few vectors hold whole rows, memory is read as if it
/// were one wider matrix whose columns are lanes (`period` of them, channel = lane mod C), so that
/// 3 or 10 channels waste nothing; else a row's channels are read with a partial last vector.
template <int C, class T>
struct LaneLayout {
  static constexpr int flat_vectors = C / std::gcd(C, lanes<T>);
  static constexpr bool flat = flat_vectors <= 8;
  static constexpr int vectors =
      flat ? flat_vectors * (8 / flat_vectors) : (C + lanes<T> - 1) / lanes<T>;
  static constexpr auto period = static_cast<std::size_t>(flat ? vectors * lanes<T> : C);
  static constexpr std::size_t rows = period / static_cast<std::size_t>(C);
  /// Vectors are taken in blocks, as many as sums fit in registers.
  static constexpr int block = flat ? vectors : 4;
  static constexpr int last_block = vectors % block == 0 ? block : vectors % block;
  static constexpr int blocks = (vectors - last_block) / block;
  static constexpr int tail = flat ? lanes<T> : C - (vectors - 1) * lanes<T>;

  /// Calls `body(count, used, lane)`: integral constants for the vectors of a block and the lanes
  /// in use of its last one, and the block's first lane.
  template <class Body>
  static TEPUI_CPU_INLINE void for_blocks(Body&& body) {
    std::size_t lane = 0;
    for (int b = 0; b < blocks; ++b) {
      body(Number<block>{}, Number<lanes<T>>{}, lane);
      lane += static_cast<std::size_t>(block * lanes<T>);
    }
    body(Number<last_block>{}, Number<tail>{}, lane);
  }
};

template <int Count, int Used, class T>
TEPUI_CPU_INLINE void load_block(Vector<T, lanes<T>> (&v)[Count], const T* p) {
#pragma GCC unroll 8
  for (int i = 0; i < Count - 1; ++i) v[i] = load<lanes<T>>(p + i * lanes<T>);
  v[Count - 1] = load_first<lanes<T>, Used>(p + (Count - 1) * lanes<T>);
}
template <int Count, int Used, class T>
TEPUI_CPU_INLINE void store_block(T* p, const Vector<T, lanes<T>> (&v)[Count]) {
#pragma GCC unroll 8
  for (int i = 0; i < Count - 1; ++i) store(p + i * lanes<T>, v[i]);
  store_first<Used>(p + (Count - 1) * lanes<T>, v[Count - 1]);
}

/// One value per lane of LaneLayout<C, T>.
template <int C, class T>
struct ChannelLanes {
  alignas(64) T data[LaneLayout<C, T>::period];

  /// @param value value(c) is that of channel c
  template <class Value>
  void fill(Value&& value) {
    constexpr auto channels = static_cast<std::size_t>(C);
    for (std::size_t lane = 0; lane < channels; ++lane) data[lane] = value(lane);
    for (std::size_t lane = channels; lane < LaneLayout<C, T>::period; ++lane) {
      data[lane] = data[lane - channels];
    }
  }
  /// @param values (C)
  void set(const T* values) {
    fill([&](std::size_t c) { return values[c]; });
  }
};
/// @return elements of (rows, C) in whole periods
template <int C, class T>
std::size_t whole_periods(std::size_t rows) {
  return rows / LaneLayout<C, T>::rows * LaneLayout<C, T>::period;
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
