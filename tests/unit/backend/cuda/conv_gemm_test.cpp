// The kernels of convolutions as they run on the GPU, run on the processor.
#include "tepui/backend/cuda/conv_gemm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/backend/conv_pass.hpp"
#include "support/backend/reference.hpp"
#include "tepui/backend/cuda/operations.hpp"
#include "tepui/core/shape.hpp"

namespace {

using namespace tepui;
using namespace tepui::backend;
using namespace tepui::backend::cuda;
using namespace tepui::test;
using Order = HostBlock::Order;

template <ConvPass Pass, Math Rounding, int Rows, int Columns, int Vector, class T>
void run(const ConvGeometry& g, int batch, const T* a, const T* b, std::vector<T>& out, int slices,
         Order order, ConvEpilogue<T> epilogue = {}) {
  run_conv_pass<Pass, Rounding, Rows, Columns, Vector>(
      g, batch, a, b, out, slices,
      [order](const auto& kernel, Grid grid) { run_on_host(kernel, grid, order); }, epilogue);
}

template <Math Rounding, int Rows, int Columns, int Vector, class T>
void check(const ConvGeometry& g, int batch, double rounding = 0) {
  SCOPED_TRACE(::testing::Message()
               << to_string(g.in) << " to " << g.out_channels << ", kernel " << g.kernel
               << " stride " << g.stride << " padding " << g.padding << " dilation " << g.dilation
               << " groups " << g.groups << " batch " << batch << " rows " << Rows << " columns "
               << Columns << " vector " << Vector << " math " << static_cast<int>(Rounding));
  const auto samples = static_cast<std::size_t>(batch);
  const auto x = numbers<T>(samples * g.in.size(), 1);
  const auto w = numbers<T>(g.weights(), 2);
  const auto dy = numbers<T>(samples * g.out().size(), 4);
  const auto wanted = reference_conv(g, batch, widened(x), widened(w), {}, widened(dy));
  const auto near = [&](int terms) {
    return tolerance<T>(static_cast<std::size_t>(terms)) + rounding * terms;
  };
  const int taps = g.kernel * g.kernel;
  for (const Order order : {Order::ascending, Order::descending}) {
    std::vector<T> y(dy.size(), T(99));
    run<ConvPass::forward, Rounding, Rows, Columns, Vector>(g, batch, x.data(), w.data(), y, 1,
                                                            order);
    expect_close(y, wanted.y, near(taps * g.in_per_group()), "y");
    std::vector<T> dx(x.size(), T(99));
    run<ConvPass::data, Rounding, Rows, Columns, Vector>(g, batch, dy.data(), w.data(), dx, 1,
                                                         order);
    expect_close(dx, wanted.dx, near(taps * g.out_per_group()), "dx");
    for (const int slices : {1, 3}) {
      std::vector<T> dw(w.size(), T(0.5));
      std::vector<double> sum = wanted.dw;
      for (double& v : sum) v += 0.5;
      run<ConvPass::weights, Rounding, Rows, Columns, Vector>(g, batch, x.data(), dy.data(), dw,
                                                              slices, order);
      expect_close(dw, sum, near(batch * g.out().pixels()), "dw");
    }
  }
}

// {{channels, height, width}, out, kernel, stride, padding, dilation, groups}

TEST(CudaConvGemm, ExactPassesAreThoseOfTheTextbook) {
  check<Math::exact, 128, 16, 4, double>({{16, 8, 8}, 16, 3, 1, 1}, 3);
  check<Math::exact, 128, 64, 4, float>({{64, 4, 4}, 64, 1}, 2);
  check<Math::exact, 128, 32, 4, float>({{32, 6, 6}, 32, 3, 1, 1}, 3);
}

TEST(CudaConvGemm, TilesThatAreNotFull) {
  check<Math::exact, 128, 16, 1, double>({{3, 9, 7}, 20, 3, 1, 1}, 2);
  check<Math::exact, 128, 32, 1, double>({{5, 5, 5}, 7, 5, 1, 2}, 1);
  check<Math::exact, 128, 64, 4, float>({{20, 5, 3}, 68, 3, 1, 1}, 2);
}

TEST(CudaConvGemm, StridesDilationsGroups) {
  check<Math::exact, 128, 16, 4, double>({{8, 9, 9}, 12, 3, 2, 1}, 2);
  check<Math::exact, 128, 16, 4, double>({{8, 8, 8}, 16, 1, 2, 0}, 3);
  check<Math::exact, 128, 16, 4, double>({{4, 11, 10}, 8, 3, 3, 1, 2}, 2);
  check<Math::exact, 128, 16, 4, double>({{4, 9, 9}, 8, 3, 1, 2, 2}, 2);
  check<Math::exact, 128, 16, 4, double>({{16, 6, 6}, 32, 3, 1, 1, 1, 4}, 2);
  check<Math::exact, 128, 16, 1, double>({{6, 7, 7}, 6, 3, 2, 1, 1, 6}, 2);
  check<Math::exact, 128, 16, 1, double>({{6, 7, 7}, 9, 7, 3, 3, 1, 3}, 2);
}

TEST(CudaConvGemm, TensorCoresRoundTheFactorsOnly) {
  // a factor of 1 + 2^-11 is rounded by at most 2^-11 in TF32, by 2^-9 in BF16
  check<Math::tf32, 128, 16, 4, float>({{16, 8, 8}, 16, 3, 1, 1}, 3, 0x1p-10);
  check<Math::tf32, 128, 64, 4, float>({{64, 4, 4}, 64, 3, 2, 1}, 2, 0x1p-10);
  check<Math::tf32, 128, 32, 1, float>({{3, 9, 7}, 20, 3, 1, 1}, 2, 0x1p-10);
  check<Math::bf16, 128, 16, 4, float>({{16, 8, 8}, 16, 3, 1, 1}, 3, 0x1p-8);
  check<Math::bf16, 128, 64, 4, float>({{64, 4, 4}, 64, 3, 2, 1}, 2, 0x1p-8);
  check<Math::bf16, 128, 32, 1, float>({{3, 9, 7}, 20, 3, 1, 1}, 2, 0x1p-8);
}

/// Whole numbers that both formats hold: products and sums are exact, so a wrong place shows.
template <Math Rounding, int Rows, int Columns>
void check_whole_numbers() {
  constexpr ConvGeometry g{{20, 6, 6}, 24, 3, 1, 1};
  constexpr int batch = 5;
  const auto whole = [](std::size_t count, std::size_t step, std::size_t range) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<float>(i * step % range) - static_cast<float>(range / 2);
    }
    return values;
  };
  const auto x = whole(batch * g.in.size(), 7, 17);
  const auto w = whole(g.weights(), 5, 13);
  const auto dy = whole(batch * g.out().size(), 3, 11);
  const auto wanted = reference_conv(g, batch, widened(x), widened(w), {}, widened(dy));
  for (const Order order : {Order::ascending, Order::descending}) {
    std::vector<float> y(dy.size());
    run<ConvPass::forward, Rounding, Rows, Columns, 4>(g, batch, x.data(), w.data(), y, 1, order);
    EXPECT_EQ(widened(y), wanted.y);
    std::vector<float> dx(x.size());
    run<ConvPass::data, Rounding, Rows, Columns, 4>(g, batch, dy.data(), w.data(), dx, 1, order);
    EXPECT_EQ(widened(dx), wanted.dx);
    if constexpr (Rows == 128) {
      std::vector<float> dw(w.size());
      run<ConvPass::weights, Rounding, Rows, Columns, 4>(g, batch, x.data(), dy.data(), dw, 2,
                                                         order);
      EXPECT_EQ(widened(dw), wanted.dw);
    }
  }
}

TEST(CudaConvGemm, TensorCoresAreExactOnWholeNumbers) {
  check_whole_numbers<Math::tf32, 128, 16>();
  check_whole_numbers<Math::tf32, 128, 32>();
  check_whole_numbers<Math::tf32, 128, 64>();
  check_whole_numbers<Math::tf32, 64, 32>();
  check_whole_numbers<Math::tf32, 64, 64>();
  check_whole_numbers<Math::bf16, 64, 32>();
  check_whole_numbers<Math::bf16, 64, 64>();
  check_whole_numbers<Math::bf16, 128, 16>();
  check_whole_numbers<Math::bf16, 128, 32>();
  check_whole_numbers<Math::bf16, 128, 64>();
}

TEST(CudaConvGemm, ScalesAndShiftsAndAddsByHand) {
  // one pixel: 3 channels to 2, kernel 1
  constexpr ConvGeometry g{{3, 1, 1}, 2};
  const std::vector<double> x{1, 2, 3};
  const std::vector<double> w{1, -1, 10, 0, 100, 1};  // (in, out)
  const std::vector<double> scale{2, 3};
  const std::vector<double> shift{0.5, -0.5};
  std::vector<double> y{1000, 2000};
  run<ConvPass::forward, Math::exact, 128, 16, 1>(g, 1, x.data(), w.data(), y, 1, Order::ascending,
                                                  {.scale = scale.data(), .shift = shift.data()});
  EXPECT_EQ(y, (std::vector<double>{642.5, 5.5}));
  run<ConvPass::forward, Math::exact, 128, 16, 1>(g, 1, x.data(), w.data(), y, 1, Order::ascending,
                                                  {.shift = shift.data(), .add = true});
  EXPECT_EQ(y, (std::vector<double>{642.5 + 321.5, 5.5 + 1.5}));
}

/// Every stride and extent that an image can have.
/// What was chosen for a launch.
struct Choice {
  int rows = 0;
  int columns = 0;
  int vector = 0;
  int blocks = 0;
  friend bool operator==(const Choice&, const Choice&) = default;
};
/// A device that runs nothing.
struct ChoosingDevice {
  Choice* choice = nullptr;
  template <class Kernel>
  void launch(const Kernel& kernel, Grid grid) const {
    if constexpr (requires { Kernel::tile_rows; }) {
      *choice = {kernel.tile_rows, kernel.tile_columns, kernel.vector, grid.x * grid.y * grid.z};
    }
  }
};

/// The tiles of the three passes; `offset` elements are between a vector's boundary and x.
template <ConvGeometry G>
std::vector<Choice> tiles_of(int batch, int offset = 0) {
  alignas(16) static float memory[8];
  Choice choice;
  const Operations<ChoosingDevice, Math::bf16> operations({&choice});
  std::vector<Choice> all;
  const float* const x = memory + offset;
  operations.conv2d_forward<G, float>(batch, x, memory, nullptr, memory, nullptr);
  all.push_back(choice);
  operations.conv2d_backward_data<G, float>(batch, x, memory, memory, nullptr);
  all.push_back(choice);
  operations.conv2d_backward_weights<G, float>(batch, x, memory, memory, nullptr, memory);
  all.push_back(choice);
  return all;
}

TEST(CudaConvTiles, AreSmallerWhereThereWouldBeFew) {
  constexpr ConvGeometry wide_images{{64, 32, 32}, 64, 3, 1, 1};
  constexpr ConvGeometry small_images{{64, 8, 8}, 64, 3, 1, 1};
  // 262144 rows; weights: 5 tiles of rows in 79 slices
  EXPECT_EQ(tiles_of<wide_images>(256),
            (std::vector<Choice>{{128, 64, 4, 2048}, {128, 64, 4, 2048}, {128, 64, 4, 395}}));
  // 16384 rows: 128 tiles of 128 would be too few
  EXPECT_EQ(tiles_of<small_images>(256),
            (std::vector<Choice>{{64, 64, 4, 256}, {64, 64, 4, 256}, {128, 64, 4, 395}}));
  // 4096 rows; weights: 8 tiles of the depth are the least for a slice
  EXPECT_EQ(tiles_of<small_images>(64),
            (std::vector<Choice>{{64, 32, 4, 128}, {64, 32, 4, 128}, {128, 64, 4, 5 * 32}}));
}

TEST(CudaConvTiles, VectorsLieOnTheirBoundaries) {
  constexpr ConvGeometry fours{{4, 8, 8}, 8, 3, 1, 1};
  for (const auto& choice : tiles_of<fours>(2)) EXPECT_EQ(choice.vector, 4);
  for (const auto& choice : tiles_of<fours>(2, 1)) EXPECT_EQ(choice.vector, 1);
  constexpr ConvGeometry threes{{3, 8, 8}, 8, 3, 1, 1};
  for (const auto& choice : tiles_of<threes>(2)) EXPECT_EQ(choice.vector, 1);
  constexpr ConvGeometry to_tens{{4, 8, 8}, 10, 3, 1, 1};
  for (const auto& choice : tiles_of<to_tens>(2)) EXPECT_EQ(choice.vector, 1);
}

TEST(CudaSumSlices, AddsEverySliceOnce) {
  constexpr std::size_t count = 70;
  for (const int slices : {1, 2, 7, 8, 9, 41}) {
    std::vector<double> parts(count * static_cast<std::size_t>(slices));
    std::vector<double> wanted(count);
    for (std::size_t i = 0; i < count; ++i) wanted[i] = static_cast<double>(i);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i] = static_cast<double>(i * 7 % 19);
      wanted[i % count] += parts[i];
    }
    for (const Order order : {Order::ascending, Order::descending}) {
      std::vector<double> sum(count);
      for (std::size_t i = 0; i < count; ++i) sum[i] = static_cast<double>(i);
      const SumSlices<double> kernel{count, slices, parts.data(), sum.data()};
      run_on_host(kernel, kernel.grid(), order);
      EXPECT_EQ(sum, wanted) << slices << " slices";
    }
  }
}

TEST(CudaConvShape, DividesByStridesWithoutDivision) {
  for (int stride = 2; stride <= 9; ++stride) {
    const auto shape = ConvShape::of({{1, 64, 64}, 1, 1, stride}, 1);
    for (std::uint32_t n = 0; n < 70000; ++n) {
      ASSERT_EQ(static_cast<std::uint64_t>(n) * shape.inverse_stride >> 32,
                n / static_cast<std::uint32_t>(stride));
    }
  }
}

TEST(CudaRounding, IsToNearest) {
  EXPECT_EQ(to_tf32(1.0f + 0x1p-11f), 1.0f + 0x1p-10f);  // ties go away from zero
  EXPECT_EQ(to_tf32(-1.0f - 0x1p-11f), -1.0f - 0x1p-10f);
  EXPECT_EQ(to_tf32(1.0f + 0x1p-12f), 1.0f);
  EXPECT_EQ(from_bf16(to_bf16(1.0f + 0x1p-8f)), 1.0f);  // ties go to the even neighbour
  EXPECT_EQ(from_bf16(to_bf16(1.0f + 3 * 0x1p-8f)), 1.0f + 0x1p-6f);
  EXPECT_EQ(from_bf16(to_bf16(3.0f)), 3.0f);
  EXPECT_NE(from_bf16(to_bf16(std::numeric_limits<float>::quiet_NaN())),
            from_bf16(to_bf16(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
