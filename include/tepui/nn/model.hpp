#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cpu.hpp"
#include "tepui/nn/basic_model.hpp"
#include "tepui/nn/contains.hpp"
#include "tepui/nn/dropout.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/runs_on.hpp"

namespace tepui::nn {

namespace detail {

/// Runs the network that its type says.
template <class Network, class T, class Backend>
struct StaticRunner {
  using Body = typename Network::Body;
  static_assert(require_runs_on<Body, Backend>());

  static constexpr std::size_t parameters() { return Network::parameters; }
  static constexpr std::size_t buffers() { return Network::buffers; }
  static constexpr Extent saved() { return saved_; }
  static constexpr Extent scratch() { return scratch_; }
  static constexpr bool has_drop_path() { return contains<DropPath, Body>; }
  static void describe(Description& d, const std::uint8_t* choices) {
    Network::describe(d, choices);
  }
  static void forward(Pass<Backend>& pass, const Forward<T>& at) {
    Body::template forward<Network::input>(pass, at);
  }
  /// One sample, without what only training needs.
  static void infer(const Backend& backend, const Forward<T>& at) {
    InferenceOnly<Backend> only(backend);
    Pass<InferenceOnly<Backend>> pass{.backend = only, .keeps = false};
    Body::template forward<Network::input>(pass, at);
  }
  static void backward(Pass<Backend>& pass, const Backward<T>& at) {
    Body::template backward<Network::input>(pass, at);
  }

 private:
  static constexpr Extent saved_ = Body::saved(Network::input);
  static constexpr Extent scratch_ = Body::template scratch<Network::input, Backend>();
};

template <class Network, class T, class Backend>
using ModelOf = BasicModel<StaticRunner<Network, T, Backend>, Network::input,
                           static_cast<int>(Network::output.size()), T, Backend>;

}  // namespace detail

/// @brief A network with weights, statistics and memory: what runs.
///
/// All memory is taken by the constructor; nothing is allocated afterwards. One trip at a time.
/// @tparam Network an architecture or a space's supernet (nn::Network<...>)
/// @tparam T       float or double
template <class Network, class T = float, class Backend = backend::Cpu>
class Model : public detail::ModelOf<Network, T, Backend> {
  using Base = detail::ModelOf<Network, T, Backend>;

 public:
  using Architecture = Network;

  /// @param max_batch largest number of samples in one trip, >= 1
  /// @throws SettingError if max_batch < 1
  explicit Model(int max_batch = 1, Backend backend = {}) : Base({}, max_batch, backend) {}

  /// @return elements of T that all activations, workspaces and scores take together
  [[nodiscard]] static constexpr std::size_t arena_size(int max_batch) {
    return Base::elements({}, max_batch);
  }
};

}  // namespace tepui::nn
