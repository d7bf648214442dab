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

#define TEPUI_CONVOLUTIONS(T, math, columns, vector)                           \
  TEPUI_KERNEL_OF(ConvGemm<ConvPass::forward, T, math, 128, columns, vector>); \
  TEPUI_KERNEL_OF(ConvGemm<ConvPass::data, T, math, 128, columns, vector>);    \
  TEPUI_KERNEL_OF(ConvGemm<ConvPass::weights, T, math, 128, columns, vector>)
#define TEPUI_NARROW_CONVOLUTIONS(T, math) \
  TEPUI_CONVOLUTIONS(T, math, 16, 1);      \
  TEPUI_CONVOLUTIONS(T, math, 16, 4);      \
  TEPUI_CONVOLUTIONS(T, math, 32, 1);      \
  TEPUI_CONVOLUTIONS(T, math, 32, 4)
#define TEPUI_SMALL_CONVOLUTIONS(T, math, columns)                       \
  TEPUI_KERNEL_OF(ConvGemm<ConvPass::forward, T, math, 64, columns, 4>); \
  TEPUI_KERNEL_OF(ConvGemm<ConvPass::data, T, math, 64, columns, 4>)
#define TEPUI_CONVOLUTIONS_OF_MATH(T, math) \
  TEPUI_NARROW_CONVOLUTIONS(T, math);       \
  TEPUI_CONVOLUTIONS(T, math, 64, 4);       \
  TEPUI_SMALL_CONVOLUTIONS(T, math, 32);    \
  TEPUI_SMALL_CONVOLUTIONS(T, math, 64)
TEPUI_CONVOLUTIONS_OF_MATH(float, Math::exact);
TEPUI_CONVOLUTIONS_OF_MATH(float, Math::tf32);
TEPUI_CONVOLUTIONS_OF_MATH(float, Math::bf16);
TEPUI_NARROW_CONVOLUTIONS(double, Math::exact);

#define TEPUI_POOLS(T, vector)                             \
  TEPUI_KERNEL_OF(Pool<Pooling::max, T, vector>);          \
  TEPUI_KERNEL_OF(Pool<Pooling::max_gradient, T, vector>); \
  TEPUI_KERNEL_OF(Pool<Pooling::average, T, vector>);      \
  TEPUI_KERNEL_OF(Pool<Pooling::average_gradient, T, vector>)
#define TEPUI_KERNELS_OF_TYPE(T)                                  \
  TEPUI_KERNEL_OF(SumSlices<T>);                                  \
  TEPUI_KERNEL_OF(DepthwiseConv<ConvPass::forward, T>);           \
  TEPUI_KERNEL_OF(DepthwiseConv<ConvPass::data, T>);              \
  TEPUI_KERNEL_OF(DepthwiseWeights<T>);                           \
  TEPUI_KERNEL_OF(ChunkMoments<T>);                               \
  TEPUI_KERNEL_OF(FinishMoments<T>);                              \
  TEPUI_KERNEL_OF(TakeRunning<T>);                                \
  TEPUI_KERNEL_OF(RunningLine<T>);                                \
  TEPUI_KERNEL_OF(Normalize<T>);                                  \
  TEPUI_KERNEL_OF(ChunkSums<T>);                                  \
  TEPUI_KERNEL_OF(FinishSums<T>);                                 \
  TEPUI_KERNEL_OF(NormGradient<T>);                               \
  TEPUI_POOLS(T, 1);                                              \
  TEPUI_KERNEL_OF(GlobalPool<T>);                                 \
  TEPUI_KERNEL_OF(GlobalPoolGradient<T>);                         \
  TEPUI_KERNEL_OF(ScaleChannels<T>);                              \
  TEPUI_KERNEL_OF(GateGradient<T>);                               \
  TEPUI_KERNEL_OF(DropoutMask<T>);                                \
  TEPUI_KERNEL_OF(CopyRows<T>);                                   \
  TEPUI_KERNEL_OF(SoftmaxCrossEntropy<T>);                        \
  TEPUI_KERNEL_OF(MapElements<Function::constant, T>);            \
  TEPUI_KERNEL_OF(MapElements<Function::copy, T>);                \
  TEPUI_KERNEL_OF(MapElements<Function::scaled, T>);              \
  TEPUI_KERNEL_OF(MapElements<Function::sum, T>);                 \
  TEPUI_KERNEL_OF(MapElements<Function::product, T>);             \
  TEPUI_KERNEL_OF(MapElements<Function::relu, T>);                \
  TEPUI_KERNEL_OF(MapElements<Function::relu_gradient, T>);       \
  TEPUI_KERNEL_OF(MapElements<Function::hard_swish, T>);          \
  TEPUI_KERNEL_OF(MapElements<Function::hard_swish_gradient, T>); \
  TEPUI_KERNEL_OF(MapElements<Function::hard_sigmoid, T>);        \
  TEPUI_KERNEL_OF(MapElements<Function::hard_sigmoid_gradient, T>)
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

#define TEPUI_PASSES_OF_METRIC(T, Metric)                         \
  TEPUI_KERNEL_OF(Sum<passes::AscentSquares<T, passes::Metric>>); \
  TEPUI_KERNEL_OF(Each<passes::Ascend<T, passes::Metric, DeviceValue>>)
#define TEPUI_PASSES_OF_TYPE(T)                                                          \
  TEPUI_KERNEL_OF(tepui::cuda::AugmentBatch<T>);                                         \
  TEPUI_KERNEL_OF(tepui::cuda::CopyIfFaulty<T>);                                         \
  TEPUI_KERNEL_OF(Each<tepui::cuda::NoisePass<T>>);                                      \
  TEPUI_KERNEL_OF(Each<passes::SgdStep<T, DeviceValue>>);                                \
  TEPUI_KERNEL_OF(Each<passes::AdamStep<passes::AdamDecay::coupled, T, DeviceValue>>);   \
  TEPUI_KERNEL_OF(Each<passes::AdamStep<passes::AdamDecay::decoupled, T, DeviceValue>>); \
  TEPUI_KERNEL_OF(Each<passes::Clip<T, DeviceValue>>);                                   \
  TEPUI_KERNEL_OF(Each<passes::Copy<T>>);                                                \
  TEPUI_KERNEL_OF(Sum<passes::Squares<T>>);                                              \
  TEPUI_KERNEL_OF(Sum<passes::Zeros<T>>);                                                \
  TEPUI_PASSES_OF_METRIC(T, UnitMetric);                                                 \
  TEPUI_PASSES_OF_METRIC(T, AbsoluteMetric);                                             \
  TEPUI_PASSES_OF_METRIC(T, OffsetMetric)
TEPUI_PASSES_OF_TYPE(float);
TEPUI_PASSES_OF_TYPE(double);
TEPUI_KERNEL_OF(Each<passes::CountStep>);
TEPUI_KERNEL_OF(tepui::cuda::SumParts);
TEPUI_KERNEL_OF(tepui::cuda::BeginStep);
TEPUI_KERNEL_OF(tepui::cuda::RequireFinite);

}  // namespace tepui::backend::cuda
