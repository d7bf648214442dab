// All kernels of the CUDA backend, compiled for the devices that the build names.
#include "tepui/backend/cuda/toolkit/launch.cuh"

#include "tepui/backend/cuda/batch_norm.hpp"
#include "tepui/backend/cuda/conv_gemm.hpp"
#include "tepui/backend/cuda/depthwise.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/cuda/gates.hpp"
#include "tepui/backend/cuda/loss.hpp"
#include "tepui/backend/cuda/pool.hpp"
#include "tepui/cuda/augment_batch.hpp"
#include "tepui/cuda/noise_pass.hpp"
#include "tepui/cuda/passes.hpp"
#include "tepui/optim/detail/adam_step.hpp"
#include "tepui/optim/detail/sgd_step.hpp"
#include "tepui/optim/detail/sharpness_passes.hpp"
#include "tepui/optim/detail/vector_sums.hpp"

namespace tepui::backend::cuda {

#define TEPUI_CONVOLUTIONS(T, math, columns, vector)                        \
  TEPUI_KERNEL(ConvGemm<ConvPass::forward, T, math, 128, columns, vector>); \
  TEPUI_KERNEL(ConvGemm<ConvPass::data, T, math, 128, columns, vector>);    \
  TEPUI_KERNEL(ConvGemm<ConvPass::weights, T, math, 128, columns, vector>)
#define TEPUI_NARROW_CONVOLUTIONS(T, math) \
  TEPUI_CONVOLUTIONS(T, math, 16, 1);      \
  TEPUI_CONVOLUTIONS(T, math, 16, 4);      \
  TEPUI_CONVOLUTIONS(T, math, 32, 1);      \
  TEPUI_CONVOLUTIONS(T, math, 32, 4)
#define TEPUI_SMALL_CONVOLUTIONS(T, math, columns)                    \
  TEPUI_KERNEL(ConvGemm<ConvPass::forward, T, math, 64, columns, 4>); \
  TEPUI_KERNEL(ConvGemm<ConvPass::data, T, math, 64, columns, 4>)
#define TEPUI_CONVOLUTIONS_OF_MATH(T, math) \
  TEPUI_NARROW_CONVOLUTIONS(T, math);       \
  TEPUI_CONVOLUTIONS(T, math, 64, 4);       \
  TEPUI_SMALL_CONVOLUTIONS(T, math, 32);    \
  TEPUI_SMALL_CONVOLUTIONS(T, math, 64)
TEPUI_CONVOLUTIONS_OF_MATH(float, Math::exact);
TEPUI_CONVOLUTIONS_OF_MATH(float, Math::tf32);
TEPUI_CONVOLUTIONS_OF_MATH(float, Math::bf16);
TEPUI_NARROW_CONVOLUTIONS(double, Math::exact);

#define TEPUI_POOLS(T, vector)                          \
  TEPUI_KERNEL(Pool<Pooling::max, T, vector>);          \
  TEPUI_KERNEL(Pool<Pooling::max_gradient, T, vector>); \
  TEPUI_KERNEL(Pool<Pooling::average, T, vector>);      \
  TEPUI_KERNEL(Pool<Pooling::average_gradient, T, vector>)
#define TEPUI_KERNELS_OF_TYPE(T)                               \
  TEPUI_KERNEL(SumSlices<T>);                                  \
  TEPUI_KERNEL(DepthwiseConv<ConvPass::forward, T>);           \
  TEPUI_KERNEL(DepthwiseConv<ConvPass::data, T>);              \
  TEPUI_KERNEL(DepthwiseWeights<T>);                           \
  TEPUI_KERNEL(ChunkMoments<T>);                               \
  TEPUI_KERNEL(FinishMoments<T>);                              \
  TEPUI_KERNEL(TakeRunning<T>);                                \
  TEPUI_KERNEL(RunningLine<T>);                                \
  TEPUI_KERNEL(Normalize<T>);                                  \
  TEPUI_KERNEL(ChunkSums<T>);                                  \
  TEPUI_KERNEL(FinishSums<T>);                                 \
  TEPUI_KERNEL(NormGradient<T>);                               \
  TEPUI_POOLS(T, 1);                                           \
  TEPUI_KERNEL(GlobalPool<T>);                                 \
  TEPUI_KERNEL(GlobalPoolGradient<T>);                         \
  TEPUI_KERNEL(ScaleChannels<T>);                              \
  TEPUI_KERNEL(GateGradient<T>);                               \
  TEPUI_KERNEL(DropoutMask<T>);                                \
  TEPUI_KERNEL(CopyRows<T>);                                   \
  TEPUI_KERNEL(SoftmaxCrossEntropy<T>);                        \
  TEPUI_KERNEL(MapElements<Function::constant, T>);            \
  TEPUI_KERNEL(MapElements<Function::copy, T>);                \
  TEPUI_KERNEL(MapElements<Function::scaled, T>);              \
  TEPUI_KERNEL(MapElements<Function::sum, T>);                 \
  TEPUI_KERNEL(MapElements<Function::product, T>);             \
  TEPUI_KERNEL(MapElements<Function::relu, T>);                \
  TEPUI_KERNEL(MapElements<Function::relu_gradient, T>);       \
  TEPUI_KERNEL(MapElements<Function::hard_swish, T>);          \
  TEPUI_KERNEL(MapElements<Function::hard_swish_gradient, T>); \
  TEPUI_KERNEL(MapElements<Function::hard_sigmoid, T>);        \
  TEPUI_KERNEL(MapElements<Function::hard_sigmoid_gradient, T>)
TEPUI_KERNELS_OF_TYPE(float);
TEPUI_KERNELS_OF_TYPE(double);
TEPUI_POOLS(float, 4);

// Data, optimizers and noise.

namespace passes = optim::detail;
using tepui::cuda::DeviceValue;
template <class Pass>
using Each = tepui::cuda::EachElement<Pass>;
template <class Pass>
using Sum = tepui::cuda::SumPieces<Pass>;

#define TEPUI_PASSES_OF_METRIC(T, Metric)                      \
  TEPUI_KERNEL(Sum<passes::AscentSquares<T, passes::Metric>>); \
  TEPUI_KERNEL(Each<passes::Ascend<T, passes::Metric, DeviceValue>>)
#define TEPUI_PASSES_OF_TYPE(T)                                                       \
  TEPUI_KERNEL(tepui::cuda::AugmentBatch<T>);                                         \
  TEPUI_KERNEL(tepui::cuda::CopyIfFaulty<T>);                                         \
  TEPUI_KERNEL(Each<tepui::cuda::NoisePass<T>>);                                      \
  TEPUI_KERNEL(Each<passes::SgdStep<T, DeviceValue>>);                                \
  TEPUI_KERNEL(Each<passes::AdamStep<passes::AdamDecay::coupled, T, DeviceValue>>);   \
  TEPUI_KERNEL(Each<passes::AdamStep<passes::AdamDecay::decoupled, T, DeviceValue>>); \
  TEPUI_KERNEL(Each<passes::Clip<T, DeviceValue>>);                                   \
  TEPUI_KERNEL(Each<passes::Copy<T>>);                                                \
  TEPUI_KERNEL(Sum<passes::Squares<T>>);                                              \
  TEPUI_KERNEL(Sum<passes::Zeros<T>>);                                                \
  TEPUI_PASSES_OF_METRIC(T, UnitMetric);                                              \
  TEPUI_PASSES_OF_METRIC(T, AbsoluteMetric);                                          \
  TEPUI_PASSES_OF_METRIC(T, OffsetMetric)
TEPUI_PASSES_OF_TYPE(float);
TEPUI_PASSES_OF_TYPE(double);
TEPUI_KERNEL(Each<passes::CountStep>);
TEPUI_KERNEL(tepui::cuda::SumParts);
TEPUI_KERNEL(tepui::cuda::BeginStep);
TEPUI_KERNEL(tepui::cuda::RequireFinite);

}  // namespace tepui::backend::cuda
