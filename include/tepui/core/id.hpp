#pragma once

#include <atomic>
#include <cstdint>

namespace tepui {

/// @return another number at every call: tells objects apart that may have had the same address.
/// Results must not depend on it.
[[nodiscard]] inline std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace tepui
