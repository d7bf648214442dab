// expect-error: training: the loader delivers another scalar type than the model computes with
#include "tepui/nn/linear.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/train/trainer.hpp"

using namespace tepui;
constexpr Shape image{1, 4, 4};
using Network = nn::Network<image, nn::Linear<2>>;
#ifdef EXPECT_ERROR
using Scalar = double;
#else
using Scalar = float;
#endif

void train_it(nn::Model<Network, float>& model, data::Loader<Scalar, image>& loader);
void train_it(nn::Model<Network, float>& model, data::Loader<Scalar, image>& loader) {
  (void)train::run_training(
      model, train::Recipe<>{}, loader, {}, [](long) { return nullptr; },
      [](const train::Step&) {});
}
