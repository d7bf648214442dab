#pragma once

#include <string_view>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/cpu/winograd.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {

/// @brief Cpu, with 3x3 convolutions in front of a batch normalisation by Winograd's algorithm.
///
/// A quarter of the multiplications, for rounding errors about twice as large. All else, and 3x3
/// convolutions that it does not suit, is as on Cpu.
/// @source A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
/// @determinism as Cpu; the bits are others
struct Winograd : Cpu {
  static constexpr std::string_view name = "cpu-winograd";

  struct Samples : Cpu::Samples {
   private:
    template <ConvGeometry G, bool Suits>
    struct KernelsOf {
      using type = Cpu::Samples::ConvNorm<G>;
    };
    template <ConvGeometry G>
    struct KernelsOf<G, true> {
      using type = detail::WinogradKernels<G>;
    };

   public:
    template <ConvGeometry G>
    using ConvNorm = typename KernelsOf<G, detail::suits_winograd(G)>::type;
  };
};

}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
