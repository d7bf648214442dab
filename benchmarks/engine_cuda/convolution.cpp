#include "cases.hpp"

namespace engine_cuda {
namespace {

constexpr int batch = 256;
constexpr tepui::backend::ConvGeometry geometry{
    .in = {64, 32, 32}, .out_channels = 64, .kernel = 3, .padding = 1};

/// A convolution and both its gradients.
template <class Backend>
class Convolution {
 public:
  Convolution() {
    tepui::random::Stream stream({1, tepui::random::Purpose::user});
    for (float& v : x_.span()) v = static_cast<float>(stream.uniform(-1, 1));
    for (float& v : w_.span()) v = static_cast<float>(stream.uniform(-1, 1));
  }
  void step() {
    const float* const no_bias = nullptr;
    float* const no_bias_gradient = nullptr;
    const float* const x = std::as_const(x_).data();
    const float* const w = std::as_const(w_).data();
    float* const y = y_.data();
    float* const scratch = scratch_.data();
    cuda_.template conv2d_forward<geometry>(batch, x, w, no_bias, y, scratch);
    cuda_.template conv2d_backward_data<geometry>(batch, y, w, dx_.data(), scratch);
    cuda_.template conv2d_backward_weights<geometry>(batch, x, y, dw_.data(), no_bias_gradient,
                                                     scratch);
    cuda_.device().wait();
  }

 private:
  using Buffer = typename Backend::template Buffer<float>;
  static constexpr std::size_t count = batch * geometry.in.size();

  Backend cuda_;
  Buffer x_ = cuda_.template zeros<float>(count);
  Buffer y_ = cuda_.template zeros<float>(count);
  Buffer dx_ = cuda_.template zeros<float>(count);
  Buffer w_ = cuda_.template zeros<float>(geometry.weights());
  Buffer dw_ = cuda_.template zeros<float>(geometry.weights());
  Buffer scratch_ =
      cuda_.template zeros<float>(Backend::template conv2d_scratch<geometry>().at(batch));
};

}  // namespace

void add_convolution(Cases& cases) {
  cases.push_back(case_of("conv3x3_64", []<Math math>() {
    auto convolution = std::make_shared<Convolution<CudaIn<math>>>();
    return Work{
        .step = [convolution] { convolution->step(); },
        .images = batch,
        .tera = 6e-12 * static_cast<double>(geometry.weights()) * geometry.out().pixels() * batch};
  }));
}

}  // namespace engine_cuda
