// Kernels of the processor backend on one thread. Every figure is in GFLOP/s, where a multiply-add
// counts as two; FusedMultiplyAddPeak is what the core can do at best, measured in the same run.
//
//   benchmark.kernels --benchmark_filter='Conv.*' --benchmark_min_time=0.2

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"

namespace {

using tepui::Shape;
using tepui::ThreadLimit;
using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;
using tepui::backend::PoolGeometry;

Cpu::Buffer<float> filled(std::size_t count, std::uint64_t tag) {
  tepui::random::Stream stream({1, tepui::random::Purpose::user, tag});
  Cpu::Buffer<float> buffer(count);
  for (float& v : buffer.span()) v = static_cast<float>(stream.uniform(-1.0, 1.0));
  return buffer;
}

void rate(benchmark::State& state, const char* name, double per_iteration) {
  state.counters[name] = benchmark::Counter(
      per_iteration * static_cast<double>(state.iterations()) * 1e-9, benchmark::Counter::kIsRate);
}

void FusedMultiplyAddPeak(benchmark::State& state) {
  constexpr int width = tepui::backend::detail::lanes<float>;
  constexpr int chains = tepui::backend::detail::vector_registers / 2 - 2;
  constexpr int rounds = 10'000;
  using V = tepui::backend::detail::Vector<float, width>;
  float half = 0.5F;
  for (auto _ : state) {
    benchmark::DoNotOptimize(half);
    const V factor = V{} + half;
    const V term = factor + half;
    V sum[chains];
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) sum[c] = V{} + static_cast<float>(c);
    for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 16
      for (int c = 0; c < chains; ++c) sum[c] = sum[c] * factor + term;
    }
    V total = sum[0];
#pragma GCC unroll 16
    for (int c = 1; c < chains; ++c) total += sum[c];
    float first = total[0];
    benchmark::DoNotOptimize(first);
  }
  rate(state, "GFLOP/s", 2.0 * width * chains * rounds);
}
BENCHMARK(FusedMultiplyAddPeak);

enum class Direction { forward, data, weights };

template <ConvGeometry G, Direction D>
void Conv(benchmark::State& state) {
  const int batch = static_cast<int>(state.range(0));
  const auto samples = static_cast<std::size_t>(batch);
  auto x = filled(samples * G.in.size(), 1);
  auto w = filled(G.weights(), 2);
  auto y = filled(samples * G.out().size(), 3);
  Cpu::Buffer<float> scratch(Cpu::conv2d_scratch<G>().at(batch));
  float* const no_bias = nullptr;
  ThreadLimit(1).run([&] {
    for (auto _ : state) {
      if constexpr (D == Direction::forward) {
        Cpu::conv2d_forward<G, float>(batch, x.data(), w.data(), no_bias, y.data(), scratch.data());
      } else if constexpr (D == Direction::data) {
        Cpu::conv2d_backward_data<G, float>(batch, y.data(), w.data(), x.data(), scratch.data());
      } else {
        Cpu::conv2d_backward_weights<G, float>(batch, x.data(), y.data(), w.data(), no_bias,
                                               scratch.data());
      }
      benchmark::ClobberMemory();
    }
  });
  rate(state, "GFLOP/s",
       2.0 * static_cast<double>(samples * G.weights()) * static_cast<double>(G.out().pixels()));
}

/// Registers the three passes under names such as "conv 3x3 16 32x32 forward".
template <ConvGeometry G>
bool add_conv(int batch) {
  const std::string name = (G.depthwise() ? "depthwise " : "conv ") + std::to_string(G.kernel) +
                           "x" + std::to_string(G.kernel) +
                           (G.stride == 1 ? "" : " stride " + std::to_string(G.stride)) + " " +
                           tepui::to_string(G.in) + " to " + std::to_string(G.out_channels) + " ";
  benchmark::RegisterBenchmark((name + "forward").c_str(), Conv<G, Direction::forward>)->Arg(batch);
  benchmark::RegisterBenchmark((name + "data").c_str(), Conv<G, Direction::data>)->Arg(batch);
  benchmark::RegisterBenchmark((name + "weights").c_str(), Conv<G, Direction::weights>)->Arg(batch);
  return true;
}

// {channels, height, width}, out, kernel, stride, padding, dilation, groups
const bool convolutions = add_conv<ConvGeometry{{16, 32, 32}, 16, 3, 1, 1}>(64) &&
                          add_conv<ConvGeometry{{32, 16, 16}, 32, 3, 1, 1}>(64) &&
                          add_conv<ConvGeometry{{64, 8, 8}, 64, 3, 1, 1}>(64) &&
                          add_conv<ConvGeometry{{16, 32, 32}, 16, 1, 1, 0}>(64) &&
                          add_conv<ConvGeometry{{32, 16, 16}, 32, 1, 1, 0}>(64) &&
                          add_conv<ConvGeometry{{64, 8, 8}, 64, 1, 1, 0}>(64) &&
                          add_conv<ConvGeometry{{3, 32, 32}, 16, 3, 1, 1}>(64) &&
                          add_conv<ConvGeometry{{16, 32, 32}, 32, 3, 2, 1}>(64) &&
                          add_conv<ConvGeometry{{8, 16, 16}, 8, 3, 1, 1}>(32) &&
                          add_conv<ConvGeometry{{64, 16, 16}, 64, 3, 1, 1, 1, 64}>(64) &&
                          add_conv<ConvGeometry{{40, 8, 8}, 40, 5, 1, 2, 1, 40}>(64);

// What moves memory more than it computes: billions of elements of x a second.

template <Shape S>
struct Images {
  int batch;
  std::size_t size;
  Cpu::Buffer<float> x, y, dy, channel, scratch;
  explicit Images(const benchmark::State& state)
      : batch(static_cast<int>(state.range(0))),
        size(static_cast<std::size_t>(batch) * S.size()),
        x(filled(size, 1)),
        y(size),
        dy(filled(size, 2)),
        channel(filled(static_cast<std::size_t>(S.channels), 3)),
        scratch(Cpu::batch_norm_scratch<S.channels>().at(batch)) {}
  template <class Body>
  void run(benchmark::State& state, Body&& body) {
    ThreadLimit(1).run([&] {
      for (auto _ : state) {
        body();
        benchmark::ClobberMemory();
      }
    });
    rate(state, "Gelement/s", static_cast<double>(size));
  }
};

template <Shape S>
void BatchNormStatistics(benchmark::State& state) {
  Images<S> m(state);
  Cpu::Buffer<float> variance(static_cast<std::size_t>(S.channels));
  m.run(state, [&] {
    Cpu::batch_norm_statistics<S.channels>(m.size / S.channels, m.x.data(), m.channel.data(),
                                           variance.data(), m.scratch.data());
  });
}
template <Shape S>
void BatchNormBackward(benchmark::State& state) {
  Images<S> m(state);
  Cpu::Buffer<float> sums(static_cast<std::size_t>(S.channels));
  m.run(state, [&] {
    Cpu::batch_norm_backward<S.channels>(m.size / S.channels, m.x.data(), m.dy.data(),
                                         m.channel.data(), m.channel.data(), m.channel.data(),
                                         m.y.data(), sums.data(), sums.data(), m.scratch.data());
  });
}
template <Shape S>
void Relu(benchmark::State& state) {
  Images<S> m(state);
  m.run(state, [&] { Cpu::relu_forward(m.size, m.x.data(), m.y.data()); });
}
template <Shape S>
void AveragePool(benchmark::State& state) {
  Images<S> m(state);
  m.run(state, [&] {
    Cpu::avg_pool_forward<PoolGeometry{S, 3, 1, 1}>(m.batch, m.x.data(), m.y.data());
  });
}
template <Shape S>
void AveragePoolBackward(benchmark::State& state) {
  Images<S> m(state);
  m.run(state, [&] {
    Cpu::avg_pool_backward<PoolGeometry{S, 3, 1, 1}>(m.batch, m.dy.data(), m.y.data());
  });
}
template <Shape S>
void MaximumPoolBackward(benchmark::State& state) {
  Images<S> m(state);
  m.run(state, [&] {
    Cpu::max_pool_backward<PoolGeometry{S, 3, 1, 1}>(m.batch, m.x.data(), m.dy.data(), m.y.data());
  });
}
constexpr Shape first_stage{16, 32, 32};
BENCHMARK(BatchNormStatistics<first_stage>)->Arg(64);
BENCHMARK(BatchNormBackward<first_stage>)->Arg(64);
BENCHMARK(Relu<first_stage>)->Arg(64);
BENCHMARK(AveragePool<first_stage>)->Arg(64);
BENCHMARK(AveragePoolBackward<first_stage>)->Arg(64);
BENCHMARK(MaximumPoolBackward<first_stage>)->Arg(64);

}  // namespace
