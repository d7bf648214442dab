#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "tepui/backend/cuda/conv_gemm.hpp"

/// @file
/// A pass of a convolution by its kernels, however those are run.

namespace tepui::test {

/// Calls launch(kernel, grid) for a pass in `slices` slices; adds to `out` where it is the gradient
/// by the weights.
template <backend::cuda::ConvPass Pass, backend::cuda::Math Rounding, int Rows, int Columns,
          int Vector, class T, class Launch>
void run_conv_pass(const backend::ConvGeometry& g, int batch, const T* a, const T* b,
                   std::vector<T>& out, int slices, const Launch& launch,
                   backend::cuda::ConvEpilogue<T> epilogue = {}) {
  using namespace backend::cuda;
  const ConvShape shape = ConvShape::of(g, batch);
  ASSERT_TRUE(Vector == 1 || shape.in_fours());
  ConvGemm<Pass, T, Rounding, Rows, Columns, Vector> gemm{
      .a = a, .b = b, .product = out.data(), .epilogue = epilogue};
  gemm.cut(shape, slices);
  std::vector<T> parts;
  if (Pass == ConvPass::weights) {
    parts.assign(out.size() * static_cast<std::size_t>(slices), T(0));
    gemm.product = parts.data();
    gemm.slice_size = out.size();
  }
  launch(gemm, gemm.grid());
  if (Pass != ConvPass::weights) return;
  const SumSlices<T> sum{out.size(), slices, parts.data(), out.data()};
  launch(sum, sum.grid());
}

}  // namespace tepui::test
