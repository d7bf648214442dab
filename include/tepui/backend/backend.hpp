#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tepui::backend {

/// Whether the backend's pointers are not the processor's: it has memory of its own.
template <class B>
inline constexpr bool on_device = false;
template <class B>
requires B::on_device inline constexpr bool on_device<B> = true;

/// Where a model computes. One of your own need not say: then it is the processor.
template <class Model>
struct BackendOf {
  using Type = void;
};
template <class Model>
requires requires { typename Model::BackendType; }
struct BackendOf<Model> {
  using Type = typename Model::BackendType;
};

/// The loss of a batch, told to the processor; a device leaves it in its memory instead.
template <class B>
concept TellsLoss = requires(const B& backend, const float* logits, const std::uint16_t* labels,
                             float* gradient, double* loss, int* correct) {
  backend.template softmax_cross_entropy<2>(1, logits, labels, 0.0, gradient, loss, correct);
};

/// @brief What every network asks of the place where it computes.
///
/// The kernels of a layer are asked for by that layer alone: a backend needs only those of the
/// layers that it runs. backend/cpu.hpp says what each of them does.
template <class B>
concept Backend = requires(const B& backend, typename B::template Buffer<float>& buffer,
                           const float* in, float* out, std::size_t n) {
  { B::name } -> std::convertible_to<std::string_view>;
  { B::instructions } -> std::convertible_to<std::string_view>;
  typename B::template Buffer<double>;
  buffer = backend.template zeros<float>(n);
  buffer = backend.template uninitialized<float>(n);
  { buffer.span() } -> std::convertible_to<std::span<float>>;
  { buffer.data() } -> std::convertible_to<float*>;
  backend.copy(n, in, out);
  backend.fill(n, 0, out);
  backend.add(n, in, out);
  requires on_device<B> || TellsLoss<B>;
};

}  // namespace tepui::backend
