#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tepui/search/detail/ledger.hpp"

namespace tepui::search::detail {

/// @brief Hands out the proposals of one generation after the other.
///
/// Generation g holds the proposals g*size .. (g+1)*size-1 and is bred as a whole when its first
/// one is asked for, from outcomes among the first g*size tells. An ask never crosses the end of a
/// generation. So a run that is told everything before it asks across that end can be rebuilt from
/// its tells alone; otherwise the next generation is bred from what was told by then.
template <class Space>
class Generations {
 public:
  using Encoding = typename Space::Encoding;

  /// @param size proposals per generation, >= 1   @param count generations; 0: no end
  constexpr Generations(std::size_t size, std::size_t count) : size_(size), count_(count) {}

  /// @param breed `breed(g)` returns at most `size` new encodings, all of them reserved in the
  ///        ledger; fewer end the search
  template <class Breed>
  [[nodiscard]] constexpr std::vector<Encoding> ask(std::size_t wanted, Ledger<Space>& ledger,
                                                    Breed&& breed) {
    const std::size_t generation = ledger.proposed() / size_;
    std::vector<Encoding> proposals;
    if (count_ != 0 && generation >= count_) return proposals;
    if (!current_ || *current_ != generation) begin(generation, ledger, breed);
    for (; next_ < queue_.size() && proposals.size() < wanted; ++next_) {
      if (ledger.registered(queue_[next_])) continue;  // told before it was proposed: a replay
      ledger.propose(queue_[next_]);
      proposals.push_back(queue_[next_]);
    }
    return proposals;
  }

  [[nodiscard]] constexpr std::size_t size() const { return size_; }

 private:
  template <class Breed>
  constexpr void begin(std::size_t generation, Ledger<Space>& ledger, Breed&& breed) {
    for (; next_ < queue_.size(); ++next_) {
      if (!ledger.registered(queue_[next_])) ledger.release(queue_[next_]);
    }
    // In a replay, encodings of this generation were told already; breed as if they were not.
    const auto& order = ledger.order();
    const std::vector<Encoding> later(
        order.begin() + static_cast<std::ptrdiff_t>(generation * size_), order.end());
    for (const Encoding& encoding : later) ledger.release(encoding);
    queue_ = breed(generation);
    for (const Encoding& encoding : later) ledger.reserve(encoding);
    next_ = 0;
    current_ = generation;
  }

  std::size_t size_, count_;
  std::optional<std::size_t> current_;
  std::vector<Encoding> queue_;
  std::size_t next_ = 0;
};

}  // namespace tepui::search::detail
