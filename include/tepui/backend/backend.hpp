#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tepui::backend {

/// @brief What every network asks of the place where it computes.
///
/// The kernels of a layer are asked for by that layer alone: a backend needs only those of the
/// layers that it runs. backend/cpu.hpp says what each of them does.
template <class B>
concept Backend = requires(const B& backend, typename B::template Buffer<float>& buffer,
                           const float* in, float* out, const std::uint16_t* labels, double* loss,
                           int* correct, std::size_t n) {
  { B::name } -> std::convertible_to<std::string_view>;
  { B::instructions } -> std::convertible_to<std::string_view>;
  typename B::template Buffer<double>;
  requires std::constructible_from<typename B::template Buffer<float>, std::size_t>;
  buffer = B::template Buffer<float>::uninitialized(n);
  { buffer.span() } -> std::convertible_to<std::span<float>>;
  backend.copy(n, in, out);
  backend.fill(n, 0, out);
  backend.add(n, in, out);
  backend.template softmax_cross_entropy<2>(1, in, labels, 0.0, out, loss, correct);
};

}  // namespace tepui::backend
