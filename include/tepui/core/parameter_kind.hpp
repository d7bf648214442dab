#pragma once

namespace tepui {

/// What a parameter tensor is; decides initialisation, and what filters (weight decay, noise) see.
enum class ParameterKind {
  weight,       ///< convolution or linear weight
  bias,         ///< convolution or linear bias
  norm_weight,  ///< scale of a normalisation
  norm_bias,    ///< shift of a normalisation
};

}  // namespace tepui
