#include "tepui/export/parameters.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/version.hpp"

namespace {

using tepui::DataError;
using tepui::ParameterKind;
using tepui::SettingError;
using tepui::io::load_parameters;
using tepui::io::save_parameters;

tepui::nn::Description network(int classes, const char* second = "1") {
  tepui::nn::Description d;
  d.scope("0", [&] {
    d.parameter("weight", ParameterKind::weight, {1, 1, 2, 3}, 2);
    d.parameter("bias", ParameterKind::bias, {3}, 0);
    d.buffer("running_mean", 2, 0);
  });
  d.scope(second, [&] { d.parameter("weight", ParameterKind::weight, {3, classes}, 3); });
  return d;
}

class Parameters : public ::testing::Test {
 protected:
  std::filesystem::path path =
      std::filesystem::path(::testing::TempDir()) / "tepui_parameters_test.safetensors";
  tepui::nn::Description saved = network(2);
  std::vector<float> weights{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, -0.0f};
  std::vector<float> statistics{0.5f, 0.25f};

  void SetUp() override {
    save_parameters<float>(path, weights, saved.parameters, statistics, saved.buffers,
                           {{"space", "toy"}});
  }
  void TearDown() override { std::filesystem::remove(path); }

  std::string complaint(const tepui::nn::Description& d) {
    std::vector<float> w(15 + 100, 77.0f), b(2, 77.0f);
    const auto before = w;
    try {
      load_parameters<float>(path, w, d.parameters, b, d.buffers);
    } catch (const DataError& error) {
      EXPECT_EQ(w, before) << "changed in spite of the error";
      EXPECT_EQ(b[0], 77.0f);
      return error.what();
    }
    return "no complaint";
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Parameters, ComeBackBitForBit) {
  std::vector<float> w(15, 99.0f), b(2, 99.0f);
  const auto metadata = load_parameters<float>(path, w, saved.parameters, b, saved.buffers);
  EXPECT_EQ(w, weights);
  EXPECT_TRUE(std::signbit(w[14]));
  EXPECT_EQ(b, statistics);
  EXPECT_EQ(metadata.at("space"), "toy");
  EXPECT_EQ(metadata.at("tepui_version"), tepui::version_string);
}

TEST_F(Parameters, EveryNamedTensorIsOneEntry) {
  const auto file = tepui::io::read_safetensors(path);
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.tensors()[0].name, "0.weight");
  EXPECT_EQ(file.tensors()[0].dims, (std::vector<std::int64_t>{1, 1, 2, 3}));
  EXPECT_EQ(file.tensors()[3].name, "0.running_mean");
  EXPECT_EQ(file.values<float>("0.bias"), (std::vector<float>{7, 8, 9}));
}

TEST_F(Parameters, OnlyDescribedTensorsAreTouched) {
  // a path of a supernet: tensors with gaps between them
  auto some = saved;
  some.parameters.erase(some.parameters.begin());
  save_parameters<float>(path, weights, some.parameters);
  std::vector<float> w(15, 99.0f);
  load_parameters<float>(path, w, some.parameters);
  EXPECT_EQ(w[5], 99.0f);
  EXPECT_EQ(w[6], 7.0f);
}

TEST_F(Parameters, MismatchesAreListedAndNothingIsChanged) {
  const auto shape = complaint(network(3));
  EXPECT_TRUE(has(shape, "'1.weight' is F32 (3, 2) in the file, the network wants F32 (3, 3)"))
      << shape;
  const auto name = complaint(network(2, "2"));
  EXPECT_TRUE(has(name, "'2.weight' F32 (3, 2) is missing in the file")) << name;
  EXPECT_TRUE(has(name, "'1.weight' is in the file, the network has no such tensor")) << name;
  EXPECT_FALSE(has(name, "0.weight")) << name;
  EXPECT_EQ(complaint(network(2)), "no complaint");
}

TEST_F(Parameters, LongListsAreCut) {
  tepui::nn::Description many;
  for (int i = 0; i < 20; ++i) {
    many.parameter(std::to_string(i), ParameterKind::weight, {1}, 1);
  }
  // 20 missing and 4 too many
  EXPECT_TRUE(has(complaint(many), "and 16 more"));
}

TEST_F(Parameters, ElementTypeMustAgree) {
  std::vector<double> w(15), b(2);
  EXPECT_THROW(load_parameters<double>(path, w, saved.parameters, b, saved.buffers), DataError);
}

TEST_F(Parameters, VectorsMustFitTheDescription) {
  std::vector<float> tooshort(14);
  EXPECT_THROW(save_parameters<float>(path, tooshort, saved.parameters), SettingError);
  EXPECT_THROW(load_parameters<float>(path, tooshort, saved.parameters), SettingError);
  std::vector<float> w(15), one(1);
  EXPECT_THROW(load_parameters<float>(path, w, saved.parameters, one, saved.buffers), SettingError);
}

struct ToyModel {
  using Scalar = float;
  std::vector<float> w = std::vector<float>(15), b = std::vector<float>(2);
  std::span<float> parameters() { return w; }
  std::span<const float> parameters() const { return w; }
  std::span<float> buffers() { return b; }
  std::span<const float> buffers() const { return b; }
  static tepui::nn::Description describe() { return network(2); }
};

TEST_F(Parameters, ModelsKnowTheirTensors) {
  ToyModel model;
  load_parameters(path, model);
  EXPECT_EQ(model.w, weights);
  EXPECT_EQ(model.b, statistics);
  model.w[0] = 42;
  save_parameters(path, model, {{"seed", "1"}});
  ToyModel again;
  EXPECT_EQ(load_parameters(path, again).at("seed"), "1");
  EXPECT_EQ(again.w, model.w);
}

}  // namespace
