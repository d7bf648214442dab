#pragma once

namespace tepui::backend {

/// What is done to the input of a convolution on its way in; nn/activation.hpp says what each is.
enum class Activation { none, relu, hard_swish };

}  // namespace tepui::backend
