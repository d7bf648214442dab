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

/// One trip of each option of a decision point, of which one runs.
template <class... Trips> class OptionTrips {
protected:
  void choose(std::size_t option) { chosen_ = option; }
  /// Calls `visit<Option>(trip, runs)` for each option; Option is of the list
  /// given.
  template <class... Option, class Visit> void for_options(Visit &&visit) {
    [&]<std::size_t... Number>(std::index_sequence<Number...>) {
      (visit.template operator()<Option>(std::get<Number>(trips_),
                                         chosen_ == Number),
       ...);
    }
    (std::index_sequence_for<Trips...>{});
  }
  template <class Work> void run(Work &&work) {
    for_options<Trips...>([&]<class>(auto &trip, bool runs) {
      if (runs)
        work(trip);
    });
  }

private:
  std::size_t chosen_;
  std::tuple<Trips...> trips_;
};

/// @brief A decision point as an edge of a SampleGraph: the edge forms of its
/// options, of which the pass says which one runs.
template <std::size_t Decision, class... Options> struct ChoiceEdge {
  static constexpr std::size_t count = sizeof...(Options);

  static constexpr bool repeatable = false;
  static constexpr bool reads_source = (Options::reads_source || ...);
  static constexpr Shape output(Shape in) {
    return type_at<0, Options...>::output(in);
  }
  static constexpr std::size_t parameters(Shape in) {
    return (Options::parameters(in) + ...);
  }
  static constexpr std::size_t buffers(Shape in) {
    return (Options::buffers(in) + ...);
  }
  static constexpr Extent saved(Shape in) {
    Extent most;
    ((most = max_extent(most, Options::saved(in))), ...);
    return most;
  }
  static constexpr std::size_t room(Shape in) {
    return std::max({Options::room(in)...});
  }
  static constexpr std::size_t work(Shape in) {
    return std::max({Options::work(in)...});
  }
  static constexpr nn::Flow flow(const std::uint8_t *choices) {
    nn::Flow result = nn::Flow::general;
    std::size_t i = 0;
    ((result = i++ == chosen(choices) ? Options::flow(choices) : result), ...);
    return result;
  }
  static constexpr bool produces(const std::uint8_t *choices) {
    bool result = false;
    std::size_t i = 0;
    ((result = i++ == chosen(choices) ? Options::produces(choices) : result),
     ...);
    return result;
  }
  template <Shape In, class Backend>
  static constexpr nn::detail::EdgeScratch scratch() {
    nn::detail::EdgeScratch most;
    ((most = larger(most, Options::template scratch<In, Backend>())), ...);
    return most;
  }
  template <Shape In, class Backend> static constexpr std::size_t most_parts() {
    return std::min({Options::template most_parts<In, Backend>()...});
  }

  template <Shape In, class Backend, class T>
  class Forward
      : OptionTrips<typename Options::template Forward<In, Backend, T>...> {
  public:
    void start(const nn::Pass<Backend> &pass, nn::Forward<T> at) {
      choose(chosen(pass.choices));
      this->template for_options<Options...>(
          [&]<class Option>(auto &trip, bool runs) {
            if (runs)
              trip.start(pass, at);
            at.parameters += Option::parameters(In);
            at.buffers += Option::buffers(In);
          });
    }
    void open(T *scratch) {
      run([&](auto &trip) { trip.open(scratch); });
    }
    void open_inference(T *scratch) {
      run([&](auto &trip) { trip.open_inference(scratch); });
    }
    void produce(const nn::detail::Group<T> &group,
                 nn::detail::Source<T> &source) {
      run([&](auto &trip) { trip.produce(group, source); });
    }
    void close(std::size_t part, std::size_t samples) {
      run([&](auto &trip) { trip.close(part, samples); });
    }
    void finish(const nn::Pass<Backend> &pass, std::size_t grain) {
      run([&](auto &trip) { trip.finish(pass, grain); });
    }
    void contribute(const nn::detail::Group<T> &group,
                    const nn::detail::Source<T> &source, T *y, bool add) {
      run([&](auto &trip) { trip.contribute(group, source, y, add); });
    }
    void pass_through(const nn::detail::Group<T> &group,
                      nn::detail::Source<T> &source, T *y, bool add) {
      run([&](auto &trip) { trip.pass_through(group, source, y, add); });
    }

  private:
    using Base =
        OptionTrips<typename Options::template Forward<In, Backend, T>...>;
    using Base::choose, Base::run;
  };

  template <Shape In, class Backend, class T>
  class Backward
      : OptionTrips<typename Options::template Backward<In, Backend, T>...> {
  public:
    void start(const nn::Pass<Backend> &pass, nn::Backward<T> at) {
      choose(chosen(pass.choices));
      this->template for_options<Options...>(
          [&]<class Option>(auto &trip, bool runs) {
            if (runs)
              trip.start(pass, at);
            at.parameters += Option::parameters(In);
            at.gradient += Option::parameters(In);
          });
    }
    void open_sums(T *scratch) {
      run([&](auto &trip) { trip.open_sums(scratch); });
    }
    void add_sums(const nn::detail::Group<T> &group, const T *dy) {
      run([&](auto &trip) { trip.add_sums(group, dy); });
    }
    void close_sums(std::size_t part) {
      run([&](auto &trip) { trip.close_sums(part); });
    }
    void finish_sums(std::size_t parts) {
      run([&](auto &trip) { trip.finish_sums(parts); });
    }
    void open(T *scratch) {
      run([&](auto &trip) { trip.open(scratch); });
    }
    void consume(const nn::detail::Group<T> &group,
                 nn::detail::Source<T> &source, const T *dy, T *dx, bool add) {
      run([&](auto &trip) { trip.consume(group, source, dy, dx, add); });
    }
    void finish(std::size_t parts) {
      run([&](auto &trip) { trip.finish(parts); });
    }

  private:
    using Base =
        OptionTrips<typename Options::template Backward<In, Backend, T>...>;
    using Base::choose, Base::run;
  };

private:
  static constexpr std::size_t chosen(const std::uint8_t *choices) {
    return choices == nullptr ? 0 : choices[Decision];
  }
};

/// The edge form of a decision point; void if an option has none.
template <bool Known, int Decision, class... Options> struct ChoiceEdgeOf {
  using type = void;
};
template <int Decision, class... Options>
struct ChoiceEdgeOf<true, Decision, Options...> {
  using type = ChoiceEdge<static_cast<std::size_t>(Decision),
                          nn::detail::edge_of<Options>...>;
};

} // namespace tepui::space::detail
