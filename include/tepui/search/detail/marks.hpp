#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tepui/space/encoding.hpp"

namespace tepui::search::detail {

/// What a run knows of an encoding; marks are combined by |.
enum Mark : std::uint8_t {
  met = 1,      ///< it has a place in the table
  taken = 2,    ///< not to be drawn again
  waiting = 4,  ///< proposed, not told yet
  told = 8,
};

/// @brief The marks of every encoding met; others have none.
///
/// A hash table with open addressing that never forgets, so that a search of a few hundred
/// encodings allocates a few times, and runs in a constant expression.
template <class Encoding>
class Marks {
 public:
  constexpr Marks() : slots_(64, Slot{}) {}

  /// @return the marks of an encoding
  [[nodiscard]] constexpr unsigned of(const Encoding& encoding) const {
    return slots_[place_of(encoding)].marks;
  }
  /// Takes marks from an encoding, then gives it others.
  /// @return the marks it had before
  constexpr unsigned change(const Encoding& encoding, unsigned taken_away, unsigned given) {
    Slot* slot = &slots_[place_of(encoding)];
    const unsigned before = slot->marks;
    if (before == 0) {
      if (++used_ > slots_.size() / 2) {
        grow();
        slot = &slots_[place_of(encoding)];
      }
      slot->encoding = encoding;
    }
    slot->marks = static_cast<std::uint8_t>((before & ~taken_away) | given | met);
    return before;
  }

 private:
  struct Slot {
    Encoding encoding{};
    std::uint8_t marks = 0;  ///< 0: the slot is free
  };

  /// The slot of an encoding, or the free one where it belongs.
  [[nodiscard]] constexpr std::size_t place_of(const Encoding& encoding) const {
    std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (const std::uint8_t choice : encoding) hash = (hash ^ choice) * 0x100000001b3u;
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = static_cast<std::size_t>(hash ^ hash >> 32) & mask;
    while (slots_[i].marks != 0 && slots_[i].encoding != encoding) i = (i + 1) & mask;
    return i;
  }
  constexpr void grow() {
    std::vector<Slot> old(slots_.size() * 2, Slot{});
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.marks != 0) slots_[place_of(slot.encoding)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them used
  std::size_t used_ = 0;
};

}  // namespace tepui::search::detail
