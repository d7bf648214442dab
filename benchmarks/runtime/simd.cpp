// The same tile of a convolution in compiler vectors, Eigen's packets and, where it is installed,
// Highway: 16 pixels times 16 output channels, 3x3 taps of 16 input channels.

#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "tepui/backend/cpu/vector.hpp"

#if __has_include(<hwy/highway.h>)
#define HWY_COMPILE_ONLY_STATIC
#include <hwy/highway.h>
#endif

namespace {

constexpr int pixels = 16;
constexpr int channels = 16;
constexpr int width = 34;

struct CompilerVectors {
  static constexpr int lanes = tepui::backend::detail::lanes<float>;
  using V = tepui::backend::detail::Vector<float, lanes>;
  static V zero() { return V{}; }
  static V load(const float* p) { return tepui::backend::detail::load<lanes>(p); }
  static void store(float* p, const V& v) { tepui::backend::detail::store(p, v); }
  static V multiply_add(float x, const V& w, const V& sum) { return x * w + sum; }
};

struct EigenPackets {
  using V = Eigen::internal::packet_traits<float>::type;
  static constexpr int lanes = Eigen::internal::packet_traits<float>::size;
  static V zero() { return Eigen::internal::pset1<V>(0.0F); }
  static V load(const float* p) { return Eigen::internal::ploadu<V>(p); }
  static void store(float* p, const V& v) { Eigen::internal::pstoreu(p, v); }
  static V multiply_add(float x, const V& w, const V& sum) {
    return Eigen::internal::pmadd(Eigen::internal::pset1<V>(x), w, sum);
  }
};

#ifdef HWY_COMPILE_ONLY_STATIC
struct Highway {
  using D = hwy::HWY_NAMESPACE::FixedTag<float, CompilerVectors::lanes>;
  using V = hwy::HWY_NAMESPACE::Vec<D>;
  static constexpr int lanes = CompilerVectors::lanes;
  static V zero() { return hwy::HWY_NAMESPACE::Zero(D{}); }
  static V load(const float* p) { return hwy::HWY_NAMESPACE::LoadU(D{}, p); }
  static void store(float* p, const V& v) { hwy::HWY_NAMESPACE::StoreU(v, D{}, p); }
  static V multiply_add(float x, const V& w, const V& sum) {
    return hwy::HWY_NAMESPACE::MulAdd(hwy::HWY_NAMESPACE::Set(D{}, x), w, sum);
  }
};
#endif

template <class Simd>
[[gnu::noinline]] void tile(const float* x, const float* w, float* y) {
  typename Simd::V sum[pixels];
#pragma GCC unroll 16
  for (int p = 0; p < pixels; ++p) sum[p] = Simd::zero();
  for (int tap = 0; tap < 9; ++tap) {
    const float* const source = x + (tap / 3 * width + tap % 3) * channels;
    for (int i = 0; i < channels; ++i) {
      const auto weights = Simd::load(w);
      w += Simd::lanes;
#pragma GCC unroll 16
      for (int p = 0; p < pixels; ++p) {
        sum[p] = Simd::multiply_add(source[p * channels + i], weights, sum[p]);
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < pixels; ++p) Simd::store(y + p * Simd::lanes, sum[p]);
}

template <class Simd>
void Tile(benchmark::State& state) {
  const std::vector<float> x(static_cast<std::size_t>(3 * width * channels), 0.5F);
  const std::vector<float> w(static_cast<std::size_t>(9 * channels * Simd::lanes), 0.25F);
  std::vector<float> y(static_cast<std::size_t>(pixels * Simd::lanes));
  for (auto _ : state) {
    tile<Simd>(x.data(), w.data(), y.data());
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * pixels * Simd::lanes * 9 * channels,
                                                benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(Tile<CompilerVectors>);
BENCHMARK(Tile<EigenPackets>);
#ifdef HWY_COMPILE_ONLY_STATIC
BENCHMARK(Tile<Highway>);
#endif

}  // namespace
