// Networks, training and estimators on a GPU against backend::Cpu; skipped where there is none.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "support/backend/layer_against_cpu.hpp"
#include "support/backend/network_check.hpp"
#include "support/cuda/channel_scale.hpp"
#include "tepui/cuda.hpp"

namespace {

using namespace tepui;
using backend::Cuda;

class Gpu : public testing::Test {
 protected:
  void SetUp() override {
    if (backend::cuda::device_count() == 0) GTEST_SKIP() << "no CUDA device is visible";
  }
};

TEST_F(Gpu, LayersDoWhatTheyDoOnTheProcessor) { test::check_layers<Cuda>(); }

TEST_F(Gpu, LayersOfUsersRunKernelsOfTheirOwn) {
  test::expect_layer<Cuda, my::DeviceChannelScale, Shape{5, 4, 3}>(70);
  test::expect_layer<Cuda, my::DeviceChannelScale, Shape{5, 4, 3}, float>(70, 1e-5);
}

TEST_F(Gpu, TrainsAlongPathsAsTheProcessorDoes) {
  test::check_training<Cuda, double>(1e-11);
  test::check_training<Cuda, float>(1e-4);
}

TEST_F(Gpu, InfersAsTheProcessorDoes) {
  test::check_inference<Cuda, double>(1e-11);
  test::check_inference<Cuda, float>(1e-4);
}

TEST_F(Gpu, RunsHaveTheSameBits) { test::check_repeats<Cuda, float>(); }

TEST_F(Gpu, TheLossCurveIsThatOfTheProcessor) {
  const std::vector<double> wanted = test::loss_curve<double>(backend::Cpu{}, 50);
  const std::vector<double> got = test::loss_curve<double>(Cuda{}, 50);
  ASSERT_EQ(got.size(), 50u);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-9) << "step " << i;
  EXPECT_EQ(got, test::loss_curve<double>(Cuda{}, 50));
  // tensor cores round their factors
  for (const auto& rough :
       {test::loss_curve(backend::CudaTf32{}, 50), test::loss_curve(backend::CudaBf16{}, 50)}) {
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
    (void)gpu.allocate(std::size_t{1} << 44);
    FAIL() << "nobody has 16 tebibytes";
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
