#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/fuse.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::space::detail {

/// @brief A decision point as an edge of a SampleGraph: the edge forms of its options, of which the
/// pass says which one runs.
template <std::size_t Decision, class... Options>
struct ChoiceEdge {
  static constexpr bool repeatable = false;
  static constexpr bool reads_source = (Options::reads_source || ...);
  static constexpr Shape output(Shape in) { return type_at<0, Options...>::output(in); }
  static constexpr std::size_t parameters(Shape in) { return (Options::parameters(in) + ...); }
  static constexpr std::size_t buffers(Shape in) { return (Options::buffers(in) + ...); }
  static constexpr Extent saved(Shape in) {
    Extent most;
    ((most = max_extent(most, Options::saved(in))), ...);
    return most;
  }
  static constexpr std::size_t room(Shape in) { return std::max({Options::room(in)...}); }
  static constexpr std::size_t work(Shape in) { return std::max({Options::work(in)...}); }
  template <Shape In, class Backend>
  static constexpr nn::detail::EdgeScratch scratch() {
    nn::detail::EdgeScratch most;
    ((most = larger(most, Options::template scratch<In, Backend>())), ...);
    return most;
  }
  template <Shape In, class Backend>
  static constexpr std::size_t most_parts() {
    return std::min({Options::template most_parts<In, Backend>()...});
  }

  static constexpr bool active(const std::uint8_t* choices) {
    bool result = false;
    visit_chosen<Options...>(
        choices, [&]<class Option>() { result = Option::active(choices); }, []<class Option>() {});
    return result;
  }
  template <Shape In, class Backend>
  static constexpr Extent batch_scratch() {
    Extent most;
    ((most = max_extent(most, Options::template batch_scratch<In, Backend>())), ...);
    return most;
  }
  template <Shape In, class Backend, class T>
  static void forward_batch(nn::Pass<Backend>& pass, nn::Forward<T> at) {
    visit_chosen<Options...>(
        pass.choices, [&]<class Option>() { Option::template forward_batch<In>(pass, at); },
        [&]<class Option>() {
          at.parameters += Option::parameters(In);
          at.buffers += Option::buffers(In);
        });
  }
  template <Shape In, class Backend, class T>
  static void backward_batch(nn::Pass<Backend>& pass, nn::Backward<T> at) {
    visit_chosen<Options...>(
        pass.choices, [&]<class Option>() { Option::template backward_batch<In>(pass, at); },
        [&]<class Option>() {
          at.parameters += Option::parameters(In);
          at.gradient += Option::parameters(In);
        });
  }

  /// Starts the trip of the option taken, which then goes on alone.
  template <Shape In, class Backend, class T>
  class Forward final : public nn::detail::ForwardTrip<Backend, T> {
   public:
    using Trip = nn::detail::ForwardTrip<Backend, T>;
    Trip* start(const nn::Pass<Backend>& pass, const nn::Forward<T>& at) override {
      nn::Forward<T> option = at;
      return start_chosen<Trip, Options...>(
          pass, options_, [&] { return option; },
          [&]<class Option>() {
            option.parameters += Option::parameters(In);
            option.buffers += Option::buffers(In);
          });
    }

   private:
    std::tuple<typename Options::template Forward<In, Backend, T>...> options_;
  };

  template <Shape In, class Backend, class T>
  class Backward final : public nn::detail::BackwardTrip<Backend, T> {
   public:
    using Trip = nn::detail::BackwardTrip<Backend, T>;
    Trip* start(const nn::Pass<Backend>& pass, const nn::Backward<T>& at) override {
      nn::Backward<T> option = at;
      return start_chosen<Trip, Options...>(
          pass, options_, [&] { return option; },
          [&]<class Option>() {
            option.parameters += Option::parameters(In);
            option.gradient += Option::parameters(In);
          });
    }

   private:
    std::tuple<typename Options::template Backward<In, Backend, T>...> options_;
  };

 private:
  /// Calls `pass_by` for each option before the one taken, and `take` for that.
  template <class... Option, class Take, class PassBy>
  static constexpr void visit_chosen(const std::uint8_t* choices, Take&& take, PassBy&& pass_by) {
    const std::size_t chosen = choices == nullptr ? 0 : choices[Decision];
    [&]<std::size_t... Number>(std::index_sequence<Number...>) {
      (void)((Number == chosen ? (take.template operator()<Option>(), true)
                               : (pass_by.template operator()<Option>(), false)) ||
             ...);
    }
    (std::index_sequence_for<Option...>{});
  }
  /// @param at       where the current option finds its data
  /// @param pass_by  moves that on, past an option that is not taken
  template <class Trip, class... Option, class Backend, class Trips, class At, class PassBy>
  static Trip* start_chosen(const nn::Pass<Backend>& pass, Trips& trips, At&& at,
                            PassBy&& pass_by) {
    const std::size_t chosen = pass.choices == nullptr ? 0 : pass.choices[Decision];
    Trip* result = nullptr;
    [&]<std::size_t... Number>(std::index_sequence<Number...>) {
      (void)((Number == chosen ? (result = std::get<Number>(trips).start(pass, at()), true)
                               : (pass_by.template operator()<Option>(), false)) ||
             ...);
    }
    (std::index_sequence_for<Option...>{});
    return result;
  }
};

/// The edge form of a decision point; void if an option has none.
template <bool Known, int Decision, class... Options>
struct ChoiceEdgeOf {
  using type = void;
};
template <int Decision, class... Options>
struct ChoiceEdgeOf<true, Decision, Options...> {
  using type = ChoiceEdge<static_cast<std::size_t>(Decision), nn::detail::edge_of<Options>...>;
};

}  // namespace tepui::space::detail
