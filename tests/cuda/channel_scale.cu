// Kernels of a user's own layer.
#include "support/cuda/channel_scale_functions.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/cuda/toolkit/launch.cuh"

TEPUI_KERNEL(tepui::backend::cuda::EachIndex<my::ScaleChannels<float>>);
TEPUI_KERNEL(tepui::backend::cuda::EachIndex<my::ScaleChannels<double>>);
TEPUI_KERNEL(tepui::backend::cuda::EachIndex<my::AddScaleGradient<float>>);
TEPUI_KERNEL(tepui::backend::cuda::EachIndex<my::AddScaleGradient<double>>);
