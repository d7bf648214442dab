#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/search/detail/marks.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/operators.hpp"

/// @file
/// What every strategy needs: which encodings it proposed, and new ones that meet the constraints.

namespace tepui::search {

/// Spaces with at most this many encodings are searched exhaustively before a strategy says that
/// nothing (new) meets the constraints.
inline constexpr std::uint64_t enumerable_limit = 1'000'000;

/// Random draws per proposal before a strategy looks for feasible encodings systematically.
inline constexpr std::size_t draw_limit = 2000;

namespace detail {

template <class Space>
[[nodiscard]] constexpr bool is_enumerable() {
  if constexpr (space::countable<Space>) {
    return space::cardinality<Space>() <= enumerable_limit;
  } else {
    return false;
  }
}

/// Proposals so far, and the search for new feasible encodings. Its answers are a function of the
/// problem, the registered encodings and the stream given, never of how they came to be.
template <class Space>
class Ledger {
 public:
  using Encoding = typename Space::Encoding;
  static constexpr std::size_t walk_steps = 4 * Space::decisions + 8;
  static constexpr std::size_t walk_starts = 16;

  constexpr explicit Ledger(const Problem<Space>& problem) : problem_(problem) {}

  /// @return the stream of one proposal or one generation
  [[nodiscard]] constexpr random::Stream stream(std::uint64_t tag) const {
    return random::Stream{problem_.key.with(tag)};
  }
  /// Encodings proposed, or told without having been proposed, in that order.
  [[nodiscard]] constexpr const std::vector<Encoding>& order() const { return order_; }
  [[nodiscard]] constexpr std::size_t proposed() const { return order_.size(); }
  [[nodiscard]] constexpr bool fresh(const Encoding& encoding) const {
    return (marks_.of(encoding) & taken) == 0;
  }

  /// @return whether an encoding was proposed or told
  [[nodiscard]] constexpr bool registered(const Encoding& encoding) const {
    return (marks_.of(encoding) & (waiting | Mark::told)) != 0;
  }

  /// Marks an encoding as not to be drawn again, without proposing it yet.
  constexpr void reserve(const Encoding& encoding) { marks_.change(encoding, 0, taken); }
  constexpr void release(const Encoding& encoding) {
    marks_.change(encoding, taken, 0);
    cursor_ = 0;
  }
  constexpr void propose(const Encoding& encoding) {
    marks_.change(encoding, 0, taken | waiting);
    order_.push_back(encoding);
  }

  /// Checks one tell and registers its encoding where it was never proposed (a replay, or
  /// knowledge from elsewhere).
  /// @return whether the outcome can be learned from: evaluated, feasible and finite
  /// @throws SettingError if the encoding is out of range or was told before, or scores are missing
  constexpr bool told(const Encoding& encoding, const Outcome& outcome, std::size_t scores_needed) {
    if (!space::in_range<Space>(encoding)) {
      throw SettingError("tell: the encoding " + to_string(encoding) +
                         " is not in the space: a choice is larger than its number of options");
    }
    const unsigned before = marks_.change(encoding, waiting, taken | Mark::told);
    if ((before & waiting) == 0) {
      if ((before & Mark::told) != 0) {
        throw SettingError("tell: the encoding " + to_string(encoding) +
                           " was told before; tell every proposal once");
      }
      order_.push_back(encoding);
    }
    if (!(outcome.violation <= 0)) return false;
    feasible_known_ = true;
    if (outcome.failed) return false;
    if (outcome.scores.size() < scores_needed) {
      throw SettingError("tell: the outcome of " + to_string(encoding) + " has " +
                         std::to_string(outcome.scores.size()) + " scores, but " +
                         std::to_string(scores_needed) +
                         " are needed; mark a candidate without scores as failed");
    }
    return std::all_of(outcome.scores.begin(), outcome.scores.end(),
                       [](double score) { return score - score == 0; });  // finite
  }

  /// @return how far an encoding is from the constraints; 0: feasible
  [[nodiscard]] constexpr double violation(const Encoding& encoding) {
    ++checks_;
    const double off = problem_.violation ? problem_.violation(encoding) : 0.0;
    if (off <= 0) {
      feasible_known_ = true;
      return 0.0;
    }
    const double known = off == off ? off : std::numeric_limits<double>::infinity();
    if (!closest_ || known < closest_->second) closest_ = {encoding, known};
    return known;
  }

  /// @return a new feasible encoding; none when all were proposed (or, in a space too large to
  ///         enumerate, when the bounded search found no new one)
  /// @throws SettingError if no feasible encoding is known to exist
  [[nodiscard]] constexpr std::optional<Encoding> draw(random::Stream& stream) {
    std::optional<std::pair<Encoding, double>> nearest;
    for (std::size_t i = 0; i < draw_limit; ++i) {
      const Encoding candidate = space::sample<Space>(stream);
      if (!fresh(candidate)) continue;
      const double off = violation(candidate);
      if (off == 0) return candidate;
      if (!nearest || off < nearest->second) nearest = {candidate, off};
    }
    std::optional<Encoding> found;
    if constexpr (is_enumerable<Space>()) {
      found = from_enumeration();
    } else {
      for (std::size_t start = 0; start < walk_starts && !found; ++start) {
        found = walk(start == 0 && nearest ? nearest->first : space::sample<Space>(stream), stream);
      }
    }
    if (!found) require_feasible();
    return found;
  }

  /// @brief A new feasible encoding from `make`, called at most `tries` times; after that one
  /// reached from the last by neighbourhood steps; after that any.
  template <class Make>
  [[nodiscard]] constexpr std::optional<Encoding> breed(std::size_t tries, random::Stream& stream,
                                                        Make&& make) {
    std::optional<Encoding> last;
    for (std::size_t i = 0; i < tries; ++i) {
      last = make(stream);
      if (fresh(*last) && violation(*last) == 0) return last;
    }
    if (last) {
      if (auto found = walk(*last, stream)) return found;
    }
    return draw(stream);
  }

  /// @brief Steps from one encoding to neighbours: down the violation, then across feasible ones,
  /// until one is new and feasible.
  [[nodiscard]] constexpr std::optional<Encoding> walk(Encoding here, random::Stream& stream) {
    double off = violation(here);
    for (std::size_t step = 0; step < walk_steps; ++step) {
      if (off == 0 && fresh(here)) return here;
      auto near = space::neighbours<Space>(here, stream);
      stream.shuffle(std::span<Encoding>(near));
      std::optional<Encoding> next;
      double next_off = std::numeric_limits<double>::infinity();
      for (const Encoding& candidate : near) {
        const double candidate_off = violation(candidate);
        if (candidate_off == 0 && fresh(candidate)) return candidate;
        if (candidate_off < next_off) {
          next = candidate;
          next_off = candidate_off;
        }
      }
      if (!next || (off > 0 && !(next_off < off)) || (off == 0 && next_off > 0)) return {};
      here = *next;
      off = next_off;
    }
    return {};
  }

  /// @throws SettingError if no feasible encoding is known, with the closest one met
  constexpr void require_feasible() const {
    if (!feasible_known_) refuse_the_constraints();
  }

 private:
  [[noreturn]] void refuse_the_constraints() const {
    std::string text =
        "search: no architecture met the constraints in " + std::to_string(checks_) + " draws";
    if (is_enumerable<Space>()) text += " (the whole space was tried)";
    if (closest_) {
      text += "; the closest was " + to_string(closest_->first) + ", ";
      const std::string why = problem_.explain ? problem_.explain(closest_->first) : std::string();
      text += why.empty() ? "off by " + std::to_string(closest_->second) : "with " + why;
    }
    throw SettingError(text + ": loosen the constraints or choose another space");
  }

  /// The next unused one of all feasible encodings in an order shuffled by the key.
  constexpr std::optional<Encoding> from_enumeration() {
    if (!feasible_) {
      feasible_.emplace();
      for (std::uint64_t i = 0; i < space::cardinality<Space>(); ++i) {
        const Encoding encoding = space::unrank<Space>(i);
        if (space::is_valid<Space>(encoding) && violation(encoding) == 0) {
          feasible_->push_back(static_cast<std::uint32_t>(i));
        }
      }
      random::Stream order = stream(~std::uint64_t{0});
      order.shuffle(std::span<std::uint32_t>(*feasible_));
    }
    for (; cursor_ < feasible_->size(); ++cursor_) {
      const Encoding encoding = space::unrank<Space>((*feasible_)[cursor_]);
      if (fresh(encoding)) return encoding;
    }
    return {};
  }

  Problem<Space> problem_;
  Marks<Encoding> marks_;
  std::vector<Encoding> order_;
  std::optional<std::vector<std::uint32_t>> feasible_;  // ranks, shuffled; built when first needed
  std::size_t cursor_ = 0;                              // all of *feasible_ before it are taken
  std::optional<std::pair<Encoding, double>> closest_;
  std::size_t checks_ = 0;
  bool feasible_known_ = false;
};

/// Checks the argument of ask.
constexpr std::size_t checked_count(int n) {
  if (n < 1) {
    throw SettingError("ask: got n = " + std::to_string(n) +
                       ", but at least 1 proposal must be asked for");
  }
  return static_cast<std::size_t>(n);
}

/// Checks a setting that must be at least `least`.
constexpr void check_at_least(const char* policy, const char* setting, std::size_t value,
                              std::size_t least) {
  if (value < least) {
    throw SettingError(std::string(policy) + ": " + setting + " is " + std::to_string(value) +
                       ", but must be at least " + std::to_string(least));
  }
}

/// Checks a setting that must be a probability.
constexpr void check_probability(const char* policy, const char* setting, double value) {
  if (!(value >= 0 && value <= 1)) {
    throw SettingError(std::string(policy) + ": " + setting + " is " + std::to_string(value) +
                       ", but must lie in [0, 1]");
  }
}

}  // namespace detail
}  // namespace tepui::search
