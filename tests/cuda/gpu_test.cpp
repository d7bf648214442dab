// Networks, training and estimators on a GPU against backend::Cpu; skipped where there is none.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "support/backend/network_check.hpp"
#include "tepui/cuda.hpp"

namespace {

using namespace tepui;
using backend::Cuda;
using backend::cuda::Math;
constexpr Shape in = test::CheckedNet::input;

class Gpu : public testing::Test {
 protected:
  void SetUp() override {
    if (backend::cuda::device_count() == 0) GTEST_SKIP() << "no CUDA device is visible";
  }
};

TEST_F(Gpu, TrainsAlongPathsAsTheProcessorDoes) {
  test::check_training<Cuda, double>(1e-11);
  test::check_training<Cuda, float>(1e-4);
}

TEST_F(Gpu, InfersAsTheProcessorDoes) {
  test::check_inference<Cuda, double>(1e-11);
  test::check_inference<Cuda, float>(1e-4);
}

TEST_F(Gpu, RunsHaveTheSameBits) { test::check_repeats<Cuda, float>(); }

/// The losses of 50 steps, one path.
template <class Backend>
std::vector<double> loss_curve(Backend backend) {
  const data::Images<in> images = test::drawn_images<in>(500);
  nn::Model<test::CheckedNet, float, Backend> model(50, backend);
  model.initialize({1, random::Purpose::initialize});
  data::Loader<float, in> loader(
      images, data::measure(images),
      {.batch = 50, .augment = {.crop_padding = 1, .flip = true, .cutout = 3}}, 5);
  const train::Recipe<> recipe{.optimizer = {.learning_rate = 0.02}, .epochs = 5, .batch = 50};
  std::vector<double> losses;
  train::run_training(
      model, recipe, loader, {3, random::Purpose::path},
      [](long) { return test::checked_paths[0]; },
      [&](const train::Step& step) { losses.push_back(step.loss); });
  return losses;
}

TEST_F(Gpu, TheLossCurveIsThatOfTheProcessor) {
  const std::vector<double> wanted = loss_curve(backend::Cpu{});
  const std::vector<double> got = loss_curve(Cuda{});
  ASSERT_EQ(got.size(), 50u);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-3) << "step " << i;
  EXPECT_EQ(got, loss_curve(Cuda{}));
  // tensor cores round their factors
  for (const Math math : {Math::tf32, Math::bf16}) {
    const std::vector<double> rough = loss_curve(Cuda(backend::cuda::Gpu{}, math));
    EXPECT_NEAR(rough.front(), wanted.front(), 0.02);
    EXPECT_NEAR(rough.back(), wanted.back(), 0.2);
  }
}

TEST_F(Gpu, NoiseHasTheBitsOfTheProcessor) {
  nn::Model<test::CheckedNet, float, Cuda> model(1);
  model.initialize({1, random::Purpose::initialize});
  const nn::Description description = model.describe(test::checked_paths[0]);
  for (const auto scale :
       {flatness::Scale::absolute, flatness::Scale::relative, flatness::Scale::filter}) {
    const flatness::GaussianNoise noise{{5, random::Purpose::noise}};
    cuda::Perturbation got(model, description.parameters, flatness::Filter::all, scale);
    const auto weights = std::as_const(model).parameters();
    flatness::detail::Perturbation<float> wanted(weights, description.parameters,
                                                 flatness::Filter::all, scale);
    got.disturb(0.1, noise, 1, 2);
    wanted.disturb(0.1, noise, 1, 2);
    std::vector<float> fetched(weights.size());
    model.backend().device().copy_out(fetched.data(), got.weights().there,
                                      fetched.size() * sizeof(float));
    EXPECT_TRUE(std::ranges::equal(fetched, wanted.weights()));
  }
}

TEST_F(Gpu, SaysThatItsMemoryDoesNotDo) {
  const backend::cuda::Gpu gpu;
  try {
    (void)gpu.allocate(std::size_t{1} << 50);
    FAIL() << "nobody has a pebibyte";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string_view(error.what()).find("free memory"), std::string_view::npos)
        << error.what();
  }
}

TEST(CudaErrors, SayWhatToDo) {
  using backend::cuda::explain;
  EXPECT_NE(explain(cudaErrorNoDevice).find("backend::Cpu"), std::string::npos);
  EXPECT_NE(explain(cudaErrorInsufficientDriver)
                .find(backend::cuda::has_driver() ? "too old" : "no NVIDIA driver"),
            std::string::npos);
  EXPECT_NE(explain(cudaErrorMemoryAllocation).find("smaller batch"), std::string::npos);
  if (backend::cuda::device_count() != 0) return;
  try {
    nn::Model<test::CheckedNet, float, Cuda> model(1);
    FAIL() << "there is no device";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string_view(error.what()).substr(0, 6), "cuda: ");
  }
}

}  // namespace
