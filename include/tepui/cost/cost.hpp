#pragma once

#include <cstdint>

#include "tepui/core/shape.hpp"

namespace tepui {

/// @brief What one architecture costs for one image.
struct Cost {
  std::int64_t params = 0;  ///< learnable scalars
  std::int64_t macs = 0;    ///< multiply-accumulates by the chosen rule
  std::int64_t activations =
      0;  ///< output elements of every convolution, normalisation and linear layer

  constexpr Cost& operator+=(Cost other) {
    params += other.params;
    macs += other.macs;
    activations += other.activations;
    return *this;
  }
  friend constexpr Cost operator+(Cost a, Cost b) { return a += b; }
  friend constexpr Cost operator-(Cost a, Cost b) {
    return {a.params - b.params, a.macs - b.macs, a.activations - b.activations};
  }
  friend constexpr bool operator==(const Cost&, const Cost&) = default;
};

namespace cost {

/// @brief Which operations count as multiply-accumulates; papers differ.
///
/// Common to all: a convolution counts k*k*Cin/groups*Cout*Ho*Wo; pooling and additions are free.
enum class Rule {
  f201,   ///< NAS-Bench-201: + convolution bias; linear in*out + out
  thop,   ///< ABS, RLNAS, GeNAS: linear (2*in-1)*out; biases free
  older,  ///< published P-DARTS / PC-DARTS: linear in*out; + 2 per normalised, + 1 per rectified
          ///< element
  spos,   ///< SPOS: linear in*out; everything else free
};

/// @brief A cost question: the counting rule, and the choices where a space is asked.
struct Query {
  Rule rule = Rule::f201;
  const std::uint8_t* choices = nullptr;  ///< one per decision; null where there are none
};

}  // namespace cost
}  // namespace tepui
