// A network on the GPU, or the reason why there is none.
#include <cstdio>
#include <vector>

#include "tepui/cuda.hpp"

using Net = tepui::nn::Network<tepui::Shape{1, 8, 8}, tepui::nn::Conv2d<4, 3>, tepui::nn::Relu,
                               tepui::nn::GlobalAvgPool, tepui::nn::Linear<3>>;

int main() {
  const int devices = tepui::backend::cuda::device_count();
  try {
    tepui::nn::Model<Net, float, tepui::backend::Cuda> model;
    model.initialize({1, tepui::random::Purpose::initialize});
    const std::vector<float> image(Net::input.size(), 0.5f);
    std::printf("%zu scores\n", model(image).size());
    return devices > 0 ? 0 : 1;
  } catch (const tepui::DeviceError& error) {
    std::printf("%s\n", error.what());
    return devices > 0 ? 1 : 0;
  }
}
