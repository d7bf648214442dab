#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// @brief Relu, a convolution without bias and a batch normalisation as one layer.
///
/// Keeps the convolution's output and the statistics; the rectified input is made again on the way
/// back.
template <class Convolution, class Norm>
struct ReluConvNorm : LayerDefaults {
  static constexpr Shape output(Shape in) { return Convolution::output(in); }
  static constexpr std::size_t parameters(Shape in) {
    return Convolution::parameters(in) + Norm::parameters(output(in));
  }
  static constexpr std::size_t buffers(Shape in) { return Norm::buffers(output(in)); }
  static constexpr Extent saved(Shape in) {
    return Extent{output(in).size(), 0} + Norm::saved(output(in));
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Backend::template relu_conv2d_norm_scratch<Convolution::geometry(In)>();
  }
  static constexpr bool adds(const std::uint8_t* /*choices*/) { return true; }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    constexpr auto g = Convolution::geometry(In);
    T* const z = at.saved;
    T* const statistics = normalizers(In, pass.batch, at.saved);
    const auto convolve = [&](T* mean, T* variance) {
      pass.backend.template relu_conv2d_forward<g>(pass.batch, at.x, at.parameters, z, mean,
                                                   variance, at.scratch);
    };
    if (pass.statistics == Statistics::running && pass.keeps) convolve(nullptr, nullptr);
    Norm::template normalizers<g.out()>(pass, at.buffers, statistics, convolve);
    const T* const affine = at.parameters + Convolution::parameters(In);
    if (pass.statistics == Statistics::running && !pass.keeps) {
      constexpr auto channels = static_cast<std::size_t>(g.out_channels);
      constexpr bool learns = Norm::parameters(g.out()) != 0;
      pass.backend.template relu_conv2d_norm_infer<g>(
          pass.batch, at.x, at.parameters, statistics, statistics + channels,
          learns ? affine : nullptr, learns ? affine + channels : nullptr, at.y, at.add,
          at.scratch);
    } else {
      Norm::template apply<g.out()>(pass, z, statistics, affine, at.y, at.add);
    }
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    constexpr auto g = Convolution::geometry(In);
    constexpr auto channels = static_cast<std::size_t>(g.out_channels);
    constexpr std::size_t weights = Convolution::parameters(In);
    constexpr bool affine = Norm::parameters(g.out()) != 0;
    const T* const statistics = normalizers(In, pass.batch, at.saved);
    pass.backend.template relu_conv2d_norm_backward<g>(
        pass.batch, at.x, at.parameters, at.saved, at.dy, statistics, statistics + channels,
        affine ? at.parameters + weights : nullptr, pass.statistics == Statistics::running, at.dx,
        at.add, at.gradient, affine ? at.gradient + weights : nullptr,
        affine ? at.gradient + weights + channels : nullptr, at.scratch);
  }

 private:
  template <class T>
  static T* normalizers(Shape in, int batch, T* saved) {
    return saved + Extent{output(in).size(), 0}.at(batch);
  }
};

}  // namespace tepui::nn::detail
