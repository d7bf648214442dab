// A 3x3 convolution by the library's kernel, and the product of matrices of Eigen's that it would
// be if its patches lay in memory already. (Writing them out would come on top.)
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "tepui/backend/cpu.hpp"

namespace {

constexpr int batch = 8;

template <int Channels, int Size>
void set_flops(benchmark::State& state) {
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * batch * Size * Size * 9 * Channels * Channels,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

template <int Channels, int Size>
void Direct(benchmark::State& state) {
  using tepui::backend::Cpu;
  constexpr tepui::backend::ConvGeometry geometry{
      .in = {Channels, Size, Size}, .out_channels = Channels, .kernel = 3, .padding = 1};
  const std::vector<float> x(batch * Channels * Size * Size, 0.5F);
  const std::vector<float> w(9 * Channels * Channels, 0.25F);
  std::vector<float> y(x.size());
  std::vector<float> scratch(Cpu::conv2d_scratch<geometry>().at(batch) + 64);
  const float* const no_bias = nullptr;
  for (auto _ : state) {
    Cpu::conv2d_forward<geometry>(batch, x.data(), w.data(), no_bias, y.data(), scratch.data());
    benchmark::ClobberMemory();
  }
  set_flops<Channels, Size>(state);
}

template <int Channels, int Size>
void EigenProduct(benchmark::State& state) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Matrix patches = Matrix::Constant(batch * Size * Size, 9 * Channels, 0.5F);
  const Matrix w = Matrix::Constant(9 * Channels, Channels, 0.25F);
  Matrix y(patches.rows(), w.cols());
  for (auto _ : state) {
    y.noalias() = patches * w;
    benchmark::ClobberMemory();
  }
  set_flops<Channels, Size>(state);
}

BENCHMARK(Direct<16, 32>)->UseRealTime();
BENCHMARK(EigenProduct<16, 32>)->UseRealTime();
BENCHMARK(Direct<32, 16>)->UseRealTime();
BENCHMARK(EigenProduct<32, 16>)->UseRealTime();
BENCHMARK(Direct<64, 8>)->UseRealTime();
BENCHMARK(EigenProduct<64, 8>)->UseRealTime();

}  // namespace
