#include "cases.hpp"

namespace engine_cuda {

/// A convolution of 64 channels and both its gradients.
void add_convolution(Cases& cases) {
  cases.push_back({"conv3x3_64", [](Math math) {
                     using tepui::backend::ConvGeometry;
                     static constexpr ConvGeometry geometry{
                         .in = {64, 32, 32}, .out_channels = 64, .kernel = 3, .padding = 1};
                     static constexpr int batch = 256;
                     struct Memory {
                       Cuda cuda;
                       Cuda::Buffer<float> x, y, dx, w, dw, scratch;
                     };
                     const Cuda cuda(Gpu(), math);
                     const std::size_t count = batch * geometry.in.size();
                     auto at = std::make_shared<Memory>(Memory{
                         cuda, cuda.zeros<float>(count), cuda.zeros<float>(count),
                         cuda.zeros<float>(count), cuda.zeros<float>(geometry.weights()),
                         cuda.zeros<float>(geometry.weights()),
                         cuda.zeros<float>(Cuda::conv2d_scratch<geometry>().at(batch))});
                     tepui::random::Stream stream({1, tepui::random::Purpose::user});
                     for (float& v : at->x.span()) v = static_cast<float>(stream.uniform(-1, 1));
                     for (float& v : at->w.span()) v = static_cast<float>(stream.uniform(-1, 1));
                     const auto step = [at] {
                       const float* const no_bias = nullptr;
                       float* const no_bias_gradient = nullptr;
                       const Memory& read = *at;
                       const float* const w = read.w.data();
                       at->cuda.conv2d_forward<geometry>(batch, read.x.data(), w, no_bias,
                                                         at->y.data(), at->scratch.data());
                       at->cuda.conv2d_backward_data<geometry>(batch, read.y.data(), w,
                                                               at->dx.data(), at->scratch.data());
                       at->cuda.conv2d_backward_weights<geometry>(
                           batch, read.x.data(), read.y.data(), at->dw.data(), no_bias_gradient,
                           at->scratch.data());
                       at->cuda.device().wait();
                     };
                     return Work{.step = step,
                                 .images = batch,
                                 .tera = 6e-12 * static_cast<double>(geometry.weights()) *
                                         geometry.out().pixels() * batch};
                   }});
}

}  // namespace engine_cuda
