// The least that a backend is, and what is not one.
#include "tepui/backend/backend.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tepui/backend/cpu.hpp"

namespace {

struct Archetype {
  static constexpr std::string_view name = "archetype";
  static constexpr std::string_view instructions = "none";
  template <class T>
  struct Buffer {
    std::span<T> span() { return values; }
    T* data() { return values.data(); }
    std::vector<T> values;
  };
  template <class T>
  static Buffer<T> zeros(std::size_t n) {
    return {std::vector<T>(n)};
  }
  template <class T>
  static Buffer<T> uninitialized(std::size_t n) {
    return zeros<T>(n);
  }
  template <class T>
  static void copy(std::size_t, const T*, T*) {}
  template <class T>
  static void fill(std::size_t, std::type_identity_t<T>, T*) {}
  template <class T>
  static void add(std::size_t, const T*, T*) {}
  template <int Classes, class T>
  static void softmax_cross_entropy(int, const T*, const std::uint16_t*, double, T*, double*,
                                    int*) {}
};
struct Nameless {
  template <class T>
  using Buffer = Archetype::Buffer<T>;
};

/// One that leaves the loss in memory of its own.
struct Elsewhere : Archetype {
  static constexpr bool on_device = true;
  template <int Classes, class T>
  static void softmax_cross_entropy(int, const T*, const std::uint16_t*, double, T*, double*,
                                    int*) = delete;
};

static_assert(tepui::backend::Backend<Archetype>);
static_assert(!tepui::backend::on_device<Archetype>);
static_assert(tepui::backend::Backend<Elsewhere>);
static_assert(tepui::backend::on_device<Elsewhere>);
static_assert(tepui::backend::Backend<tepui::backend::Cpu>);
static_assert(!tepui::backend::Backend<Nameless>);
static_assert(!tepui::backend::Backend<int>);

}  // namespace
