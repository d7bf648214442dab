#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/detail/edge_trips.hpp"
#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/fuse.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::space::detail {

/// One trip of each option of a decision point, of which one runs.
template <class Options, class... Trips>
class OptionTrips;
template <class... Option, class... Trips>
class OptionTrips<types<Option...>, Trips...> {
 protected:
  /// Calls `visit(trip, at)` for the option that runs, `at` moved to where it finds its data.
  template <class At, class Visit>
  void choose(std::size_t option, Shape in, At at, Visit&& visit) {
    chosen_ = option;
    const auto try_one = [&]<class L>(types<L>, auto& trip, std::size_t number) {
      if (number == option) visit(trip, at);
      nn::detail::pass_over(at, L::parameters(in), L::buffers(in));
    };
    [&]<std::size_t... Number>(std::index_sequence<Number...>) {
      (try_one(types<Option>{}, std::get<Number>(trips_), Number), ...);
    }
    (std::index_sequence_for<Trips...>{});
  }
  /// Calls `work(trip)` for the option that was chosen.
  template <class Work>
  void run(Work&& work) {
    [&]<std::size_t... Number>(std::index_sequence<Number...>) {
      ((Number == chosen_ ? work(std::get<Number>(trips_)) : void()), ...);
    }
    (std::index_sequence_for<Trips...>{});
  }

 private:
  std::size_t chosen_;
  std::tuple<Trips...> trips_;
};

/// @brief A decision point as an edge of a SampleGraph: the edge forms of its
/// options, of which the pass says which one runs.
template <std::size_t Decision, class... Options>
struct ChoiceEdge {
  static constexpr std::size_t count = sizeof...(Options);

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
  static constexpr nn::Flow flow(const std::uint8_t* choices) {
    nn::Flow result = nn::Flow::general;
    std::size_t i = 0;
    ((result = i++ == chosen(choices) ? Options::flow(choices) : result), ...);
    return result;
  }
  static constexpr bool produces(const std::uint8_t* choices) {
    bool result = false;
    std::size_t i = 0;
    ((result = i++ == chosen(choices) ? Options::produces(choices) : result), ...);
    return result;
  }
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

  /// Started as the chosen option, the option's own trip is what the graph goes on with; where a
  /// graph calls its own edges, that is inference alone, it goes through this.
  template <Shape In, class Backend, class T>
  class Forward
      : OptionTrips<types<Options...>, typename Options::template Forward<In, Backend, T>...> {
   public:
    void start(const nn::Pass<Backend>& pass, const nn::Forward<T>& at) {
      this->choose(chosen(pass.choices), In, at,
                   [&](auto& trip, const nn::Forward<T>& its) { trip.start(pass, its); });
    }
    auto start_chosen(const nn::Pass<Backend>& pass, const nn::Forward<T>& at) {
      nn::detail::StartedTrip<nn::detail::ForwardCalls<Backend, T>> started;
      this->choose(chosen(pass.choices), In, at, [&](auto& trip, const nn::Forward<T>& its) {
        started = nn::detail::start_trip(trip, pass, its);
      });
      return started;
    }
    void open_inference(T* scratch) {
      this->run([&](auto& trip) { trip.open_inference(scratch); });
    }
    void pass_through(const nn::detail::Group<T>& group, nn::detail::Source<T>& source, T* y,
                      bool add) {
      this->run([&](auto& trip) { trip.pass_through(group, source, y, add); });
    }
  };

  template <Shape In, class Backend, class T>
  class Backward
      : OptionTrips<types<Options...>, typename Options::template Backward<In, Backend, T>...> {
   public:
    auto start_chosen(const nn::Pass<Backend>& pass, const nn::Backward<T>& at) {
      nn::detail::StartedTrip<nn::detail::BackwardCalls<Backend, T>> started;
      this->choose(chosen(pass.choices), In, at, [&](auto& trip, const nn::Backward<T>& its) {
        started = nn::detail::start_trip(trip, pass, its);
      });
      return started;
    }
  };

 private:
  static constexpr std::size_t chosen(const std::uint8_t* choices) {
    return choices == nullptr ? 0 : choices[Decision];
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
