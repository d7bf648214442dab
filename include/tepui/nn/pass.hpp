#pragma once

#include <cstdint>

#include "tepui/core/random.hpp"

namespace tepui::nn {

/// What batch normalisation normalises with, and whether it remembers what it saw.
enum class Statistics {
  running,          ///< inference: the running mean and variance
  batch,            ///< the batch's own; running ones stay (second pass of SAM)
  batch_and_track,  ///< the batch's own, which also move the running ones (training)
};

/// @brief Everything about one trip through a network that is not its weights or its input.
template <class Backend>
struct Pass {
  Backend& backend;
  int batch = 1;  ///< samples in this trip
  Statistics statistics = Statistics::running;
  double statistics_momentum = 0.1;  ///< weight of this batch in the running statistics
  bool keeps = true;        ///< a backward trip may follow; off: layers keep nothing for it
  bool stochastic = false;  ///< dropout and drop path draw; off: they do nothing
  double drop_path = 0;     ///< probability with which drop path loses a sample's edge
  random::Key noise{0, random::Purpose::dropout,
                    0};                   ///< for what is stochastic; step = training step
  const std::uint8_t* choices = nullptr;  ///< option taken at each decision point of a space
  std::uint64_t noise_users = 0;          ///< stochastic layers met so far

  /// @return the stream of the next stochastic layer on this trip
  random::Key next_noise() { return noise.with(noise_users++); }
};

/// @brief A backend whose passes all infer: what networks do only in training is not compiled for
/// it.
template <class Backend>
struct InferenceOnly : Backend {
  explicit InferenceOnly(const Backend& backend) : Backend(backend) {}
};

namespace detail {

template <class Backend>
inline constexpr bool only_infers = false;
template <class Backend>
inline constexpr bool only_infers<InferenceOnly<Backend>> = true;

}  // namespace detail

/// @brief Where one layer finds its data on the way forward. Sizes follow from layer, input shape
/// and batch.
template <class T>
struct Forward {
  const T* x = nullptr;           ///< (N, in.height, in.width, in.channels)
  T* y = nullptr;                 ///< (N, out.height, out.width, out.channels), overwritten
  const T* parameters = nullptr;  ///< this layer's part of the flat parameter vector
  T* buffers = nullptr;           ///< this layer's part of the state that is not learnt
  T* saved = nullptr;             ///< kept until the backward trip
  T* scratch = nullptr;           ///< free to use during the call
  bool add = false;               ///< y += instead of y =; only for layers that say adds()
};

/// @brief Where one layer finds its data on the way back.
template <class T>
struct Backward {
  const T* x = nullptr;   ///< as on the way forward
  const T* dy = nullptr;  ///< gradient of the loss by the output
  T* dx = nullptr;        ///< gradient by the input, overwritten; null where nobody needs it
  const T* parameters = nullptr;
  T* gradient = nullptr;  ///< gradient by the parameters, ADDED to what is there
  T* saved = nullptr;     ///< as the forward trip left it
  T* scratch = nullptr;
  bool add = false;  ///< dx += instead of dx =; only for layers that say adds()
};

}  // namespace tepui::nn
