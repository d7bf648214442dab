// expect-error: training on a device: include tepui/cuda.hpp
#include "support/backend/emulated_device.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/train/trainer.hpp"
#ifndef EXPECT_ERROR
#include "tepui/cuda/training_step.hpp"
#endif

using namespace tepui;
constexpr Shape device_image{1, 4, 4};
using DeviceNetwork = nn::Network<device_image, nn::Linear<2>>;
using DeviceModel = nn::Model<DeviceNetwork, float, test::EmulatedCuda>;

void train_there(DeviceModel& model, data::Loader<float, device_image>& loader);
void train_there(DeviceModel& model, data::Loader<float, device_image>& loader) {
  (void)train::run_training(
      model, train::Recipe<>{}, loader, {}, [](long) { return nullptr; },
      [](const train::Step&) {});
}
