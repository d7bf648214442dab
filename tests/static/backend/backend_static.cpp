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
    explicit Buffer(std::size_t n) : values(n) {}
    static Buffer uninitialized(std::size_t n) { return Buffer(n); }
    std::span<T> span() { return values; }
    std::vector<T> values;
  };
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

static_assert(tepui::backend::Backend<Archetype>);
static_assert(tepui::backend::Backend<tepui::backend::Cpu>);
static_assert(!tepui::backend::Backend<Nameless>);
static_assert(!tepui::backend::Backend<int>);

}  // namespace
