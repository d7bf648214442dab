#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tepui::io {

/// @brief One named tensor whose elements lie elsewhere.
struct TensorView {
  std::string name;
  std::string dtype;                 ///< "F32", "F64", "U8", ... as the format spells it
  std::vector<std::int64_t> dims;    ///< slowest index first; empty for a single number
  std::span<const std::byte> bytes;  ///< little endian, without gaps
};

namespace detail {

struct Dtype {
  std::string_view name;
  std::size_t bytes;
};
inline constexpr std::array<Dtype, 13> dtypes{{{"BOOL", 1},
                                               {"U8", 1},
                                               {"I8", 1},
                                               {"U16", 2},
                                               {"I16", 2},
                                               {"F16", 2},
                                               {"BF16", 2},
                                               {"U32", 4},
                                               {"I32", 4},
                                               {"F32", 4},
                                               {"U64", 8},
                                               {"I64", 8},
                                               {"F64", 8}}};

/// @return bytes of one element, 0 for a name the format does not know
[[nodiscard]] constexpr std::size_t dtype_bytes(std::string_view name) {
  for (const Dtype& d : dtypes) {
    if (d.name == name) return d.bytes;
  }
  return 0;
}

/// @return bytes of a tensor, or -1 if that is more than 2^62
[[nodiscard]] inline std::int64_t tensor_bytes(std::span<const std::int64_t> dims,
                                               std::size_t element_bytes) {
  constexpr std::int64_t limit = std::int64_t{1} << 62;
  if (std::find(dims.begin(), dims.end(), 0) != dims.end()) return 0;
  auto bytes = static_cast<std::int64_t>(element_bytes);
  for (const std::int64_t d : dims) {
    if (d > limit / bytes) return -1;
    bytes *= d;
  }
  return bytes;
}

[[nodiscard]] inline std::string dims_text(std::span<const std::int64_t> dims) {
  std::string text = "(";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(dims[i]);
  }
  return text + ")";
}

}  // namespace detail

/// @return how the format spells the element type T, for example "F32" for float
template <class T>
[[nodiscard]] constexpr std::string_view dtype_of() {
  static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8 && !std::is_same_v<T, long double>,
                "safetensors: elements are bool, integers, float or double");
  if constexpr (std::is_same_v<T, bool>) {
    return "BOOL";
  } else if constexpr (std::is_floating_point_v<T>) {
    return sizeof(T) == 4 ? "F32" : "F64";
  } else {
    constexpr std::array<std::string_view, 4> names =
        std::is_signed_v<T> ? std::array<std::string_view, 4>{"I8", "I16", "I32", "I64"}
                            : std::array<std::string_view, 4>{"U8", "U16", "U32", "U64"};
    return names[static_cast<std::size_t>(std::countr_zero(sizeof(T)))];
  }
}

/// @brief Describes values in memory as a tensor; the values must outlive the view.
template <class T>
[[nodiscard]] TensorView tensor_view(std::string name, std::vector<std::int64_t> dims,
                                     std::span<const T> values) {
  return {std::move(name), std::string(dtype_of<T>()), std::move(dims), std::as_bytes(values)};
}

}  // namespace tepui::io
