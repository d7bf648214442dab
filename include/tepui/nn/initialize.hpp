#pragma once

#include <cmath>
#include <span>

#include "tepui/core/parameter.hpp"
#include "tepui/core/random.hpp"
#include "tepui/nn/description.hpp"

namespace tepui::nn {

/// How weights are drawn before training. Normalisations start at scale 1 and shift 0.
enum class Initialization {
  kaiming_uniform,  ///< U(-b, b), b = 1 / sqrt(fan_in), for weights and biases: PyTorch's default
  kaiming_normal_fan_out,  ///< N(0, 2 / fan_out), biases 0: ResNets and NAS retraining
};

/// @brief Draws every parameter of a network; a tensor's numbers depend on its place alone.
/// @source K. He et al., Delving Deep into Rectifiers, ICCV 2015
template <class T>
void initialize_parameters(std::span<T> parameters, const Description& description, random::Key key,
                           Initialization scheme = Initialization::kaiming_uniform) {
  for (const ParameterInfo& tensor : description.parameters) {
    const auto values = parameters.subspan(tensor.offset, tensor.count);
    if (tensor.kind == ParameterKind::norm_weight || tensor.kind == ParameterKind::norm_bias) {
      const T value = tensor.kind == ParameterKind::norm_weight ? T{1} : T{0};
      for (T& v : values) v = value;
      continue;
    }
    random::Stream stream(key.with(tensor.offset));
    if (scheme == Initialization::kaiming_uniform) {
      const double bound = 1.0 / std::sqrt(static_cast<double>(tensor.fan_in));
      for (T& v : values) v = static_cast<T>(stream.uniform(-bound, bound));
    } else if (tensor.kind == ParameterKind::bias) {
      for (T& v : values) v = T{0};
    } else {
      double fan_out = tensor.dims.back();
      if (tensor.dims.size() == 4) fan_out *= tensor.dims[0] * tensor.dims[1];
      const double deviation = std::sqrt(2.0 / fan_out);
      for (T& v : values) v = static_cast<T>(deviation * stream.normal());
    }
  }
}

/// @brief Sets running statistics to their initial values.
template <class T>
void initialize_buffers(std::span<T> buffers, const Description& description) {
  for (const BufferInfo& tensor : description.buffers) {
    for (T& v : buffers.subspan(tensor.offset, tensor.count)) v = static_cast<T>(tensor.initial);
  }
}

}  // namespace tepui::nn
