#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"

/// @file
/// Operations between an image and one value per channel.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Calls `body(used, offset)` for each vector of C channels: `used` is a Number, the
/// lanes of it that count, `offset` its first channel.
template <int C, class T, class Body>
TEPUI_CPU_INLINE void for_channel_vectors(Body&& body) {
  constexpr ChannelVectors vectors = channel_vectors<T>(C);
  std::size_t offset = 0;
  for (int v = 0; v < vectors.count - 1; ++v) {
    body(Number<vectors.width>{}, offset);
    offset += static_cast<std::size_t>(vectors.width);
  }
  body(Number<vectors.tail>{}, offset);
}

/// Mean over all pixels; y (N, C).
template <Shape S>
struct GlobalPoolKernels {
  static constexpr auto channels = static_cast<std::size_t>(S.channels);
  static constexpr auto pixels = static_cast<std::size_t>(S.pixels());
  template <class T>
  static constexpr int width = channel_vectors<T>(S.channels).width;

  template <class T>
  static void forward(int batch, const T* x, T* y) {
    for_chunks(static_cast<std::size_t>(batch), S.size() * element_work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for_channel_vectors<S.channels, T>([&](auto used, std::size_t c) {
          const T* source = x + s * S.size() + c;
          auto even = Vector<T, width<T>>{};
          auto odd = even;
          for (std::size_t p = 0; p + 1 < pixels; p += 2) {
            even += load_first<width<T>, used>(source + p * channels);
            odd += load_first<width<T>, used>(source + (p + 1) * channels);
          }
          if constexpr (pixels % 2 != 0) {
            even += load_first<width<T>, used>(source + (pixels - 1) * channels);
          }
          even += odd;
          even /= static_cast<T>(pixels);
          store_first<used>(y + s * channels + c, even);
        });
      }
    });
  }

  template <class T>
  static void backward(int batch, const T* dy, T* dx) {
    for_chunks(static_cast<std::size_t>(batch), S.size() * element_work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for_channel_vectors<S.channels, T>([&](auto used, std::size_t c) {
          auto share = load_first<width<T>, used>(dy + s * channels + c);
          share /= static_cast<T>(pixels);
          T* target = dx + s * S.size() + c;
          for (std::size_t p = 0; p < pixels; ++p) store_first<used>(target + p * channels, share);
        });
      }
    });
  }
};

/// y = x * gate, one gate per sample and channel (squeeze-and-excitation).
/// @source J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018, equation 4.
template <Shape S>
struct ScaleChannelsKernels {
  static constexpr auto channels = static_cast<std::size_t>(S.channels);
  static constexpr auto pixels = static_cast<std::size_t>(S.pixels());
  template <class T>
  static constexpr int width = channel_vectors<T>(S.channels).width;

  template <class T>
  static void forward(int batch, const T* x, const T* gate, T* y) {
    for_chunks(static_cast<std::size_t>(batch), S.size() * element_work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for_channel_vectors<S.channels, T>([&](auto used, std::size_t c) {
          const auto factor = load_first<width<T>, used>(gate + s * channels + c);
          const std::size_t first = s * S.size() + c;
          for (std::size_t i = first; i < first + S.size(); i += channels) {
            auto value = load_first<width<T>, used>(x + i);
            value *= factor;
            store_first<used>(y + i, value);
          }
        });
      }
    });
  }

  template <class T>
  static void backward(int batch, const T* x, const T* gate, const T* dy, T* dx, T* dgate) {
    for_chunks(static_cast<std::size_t>(batch), S.size() * element_work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for_channel_vectors<S.channels, T>([&](auto used, std::size_t c) {
          const auto factor = load_first<width<T>, used>(gate + s * channels + c);
          auto sum = Vector<T, width<T>>{};
          const std::size_t first = s * S.size() + c;
          for (std::size_t i = first; i < first + S.size(); i += channels) {
            auto d = load_first<width<T>, used>(dy + i);
            sum += d * load_first<width<T>, used>(x + i);
            d *= factor;
            store_first<used>(dx + i, d);
          }
          store_first<used>(dgate + s * channels + c, sum);
        });
      }
    });
  }
};

/// Fills a dropout mask; consecutive `group` elements share draw i = word i of the stream.
template <class T>
void fill_dropout_mask(std::size_t n, std::size_t group, double drop, random::Key key, T* mask) {
  const T kept = static_cast<T>(1.0 / (1.0 - drop));
  const std::size_t draws = (n + group - 1) / group;
  const std::size_t blocks = (draws + 3) / 4;
  for_chunks(blocks, 100 + 4 * group, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      const auto words = random::block(key, b);
      for (std::size_t j = 0; j < 4; ++j) {
        const std::size_t first = std::min((b * 4 + j) * group, n);
        const std::size_t last = std::min(first + group, n);
        std::fill(mask + first, mask + last, words[j] * 0x1p-32 < drop ? T(0) : kept);
      }
    }
  });
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
