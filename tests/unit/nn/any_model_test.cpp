// A model of any network computes the bits of the model that is made for it.
#include "tepui/nn/any_model.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/nn/nn.hpp"

namespace any_model_test {

using namespace tepui;

inline constexpr Shape in{3, 6, 6};
using Small =
    nn::Network<in, nn::Conv2d<4, 3, 2>, nn::BatchNorm2d<>, nn::GlobalAvgPool, nn::Linear<5>>;
using Large = nn::Network<in, nn::Conv2d<8, 3>, nn::BatchNorm2d<>, nn::Relu, nn::DropPath,
                          nn::GlobalAvgPool, nn::Linear<5>>;
using Any = nn::AnyModel<in, 5>;

constexpr int batch = 3;
const random::Key key{7, random::Purpose::initialize};

std::vector<float> images() {
  random::Stream stream({1, random::Purpose::noise});
  std::vector<float> x(batch * in.size());
  for (float& v : x) v = static_cast<float>(stream.uniform(-1, 1));
  return x;
}

/// Everything that a training step leaves behind.
template <class Model>
std::vector<float> step(Model& model) {
  model.initialize(key);
  const std::vector<float> x = images();
  const std::vector<std::uint16_t> labels{4, 0, 2};
  std::vector<float> result(model.parameters().size());
  auto pass = model.pass(batch);
  pass.statistics = nn::Statistics::batch_and_track;
  const nn::BatchLoss loss = model.loss_and_gradient(pass, x.data(), labels.data(), result);
  result.push_back(static_cast<float>(loss.loss_sum));
  result.insert(result.end(), model.buffers().begin(), model.buffers().end());
  auto inference = model.pass(batch);
  const float* scores = model.forward(inference, x.data());
  result.insert(result.end(), scores, scores + batch * Model::classes);
  return result;
}

TEST(AnyModel, ComputesTheBitsOfEachNetworkItIsUsedFor) {
  nn::Model<Small> small(batch);
  nn::Model<Large> large(batch);
  const auto of_small = step(small);
  const auto of_large = step(large);
  ASSERT_NE(of_small.size(), of_large.size());

  Any any(nn::table_of<Small>, batch);
  EXPECT_EQ(step(any), of_small);
  any.use(nn::table_of<Large>);  // needs more of everything
  EXPECT_EQ(step(any), of_large);
  any.use(nn::table_of<Small>);
  EXPECT_EQ(step(any), of_small);
}

TEST(AnyModel, IsAsNewWhenItIsUsedForAnotherNetwork) {
  Any any(nn::table_of<Large>, batch);
  EXPECT_TRUE(any.has_drop_path());
  (void)step(any);
  any.use(nn::table_of<Small>);
  EXPECT_FALSE(any.has_drop_path());
  const Any fresh(nn::table_of<Small>, batch);
  const std::vector<float> weights(any.parameters().begin(), any.parameters().end());
  EXPECT_EQ(weights, std::vector<float>(fresh.parameters().begin(), fresh.parameters().end()));
  EXPECT_EQ(weights, std::vector<float>(Small::parameters));
  EXPECT_EQ(std::vector<float>(any.buffers().begin(), any.buffers().end()),
            (std::vector<float>{0, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(AnyModel, DescribesTheNetworkItIsUsedFor) {
  Any any(nn::table_of<Large>, batch);
  any.use(nn::table_of<Small>);
  const nn::Description expected = Small::describe();
  const nn::Description d = any.describe();
  ASSERT_EQ(d.parameters.size(), expected.parameters.size());
  for (std::size_t i = 0; i < d.parameters.size(); ++i) {
    EXPECT_EQ(d.parameters[i].name, expected.parameters[i].name);
    EXPECT_EQ(d.parameters[i].offset, expected.parameters[i].offset);
    EXPECT_EQ(d.parameters[i].dims, expected.parameters[i].dims);
  }
}

TEST(AnyModel, RefusesBatchesAndGradientsOfOtherSizes) {
  EXPECT_THROW(Any(nn::table_of<Small>, 0), SettingError);
  Any any(nn::table_of<Large>, 2);
  any.use(nn::table_of<Small>);
  const std::vector<float> x = images();
  auto pass = any.pass(3);
  EXPECT_THROW(any.forward(pass, x.data()), SettingError);
  pass.batch = 2;
  const std::vector<std::uint16_t> labels{1, 2};
  std::vector<float> gradient(Large::parameters);
  try {
    (void)any.loss_and_gradient(pass, x.data(), labels.data(), gradient);
    ADD_FAILURE() << "the gradient of another network was taken";
  } catch (const SettingError& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(Small::parameters) + " parameters"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace any_model_test
