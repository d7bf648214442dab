// Evaluation, recalibration, disturbed weights and whole experiments on a device whose kernels the
// processor runs, against backend::Cpu.
#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/network_check.hpp"
#include "tepui/cuda/evaluation.hpp"
#include "tepui/cuda/perturbation.hpp"
#include "tepui/cuda/training_step.hpp"
#include "tepui/flatness/flatness.hpp"
#include "tepui/supernet/candidate.hpp"
#include "tepui/supernet/recalibrate.hpp"

namespace {

using namespace tepui;
using test::EmulatedCuda;
constexpr Shape in = test::CheckedNet::input;

const data::Images<in> images = test::drawn_images<in>(30);
const auto normalization = data::measure(images);
const random::Key key{11, random::Purpose::noise, 4};

/// A supernet after the statistics of a path were measured, and what that path is measured with.
template <class Backend, class T>
struct Bench {
  static constexpr int batch = 12;  // the last one of an evaluation has 6
  nn::Model<test::CheckedNet, T, Backend> model{batch};
  train::EvaluationSet<T, in> set{images, data::all_indices(30), normalization, batch};
  const std::uint8_t* path = test::checked_paths[1];

  Bench() {
    model.initialize({1, random::Purpose::initialize});
    data::Loader<T, in> loader(images, normalization, {.batch = batch, .augment = {.flip = true}},
                               5);
    supernet::recalibrate(model, loader, path, 3, supernet::Averaging::cumulative);
  }
  auto candidate() {
    return supernet::Candidate<nn::Model<test::CheckedNet, T, Backend>, in>(model, set, path, {});
  }
};

template <class Estimator>
flatness::Measurement measured_on_processor(const Estimator& estimator) {
  Bench<backend::Cpu, double> bench;
  auto candidate = bench.candidate();
  return estimator.measure(candidate, key);
}
template <class Estimator>
void expect_as_on_the_processor(const Estimator& estimator, double relative = 1e-8) {
  Bench<EmulatedCuda, double> bench;
  auto candidate = bench.candidate();
  const flatness::Measurement wanted = measured_on_processor(estimator);
  const flatness::Measurement got = estimator.measure(candidate, key);
  EXPECT_NEAR(got.value, wanted.value, relative * std::abs(wanted.value));
  ASSERT_EQ(got.parts.size(), wanted.parts.size());
  for (std::size_t i = 0; i < got.parts.size(); ++i) {
    const double size = std::abs(wanted.parts[i].second);
    EXPECT_NEAR(got.parts[i].second, wanted.parts[i].second, relative * size + 1e-12)
        << got.parts[i].first;
  }
}

TEST(CudaMeasuring, StatisticsAndEvaluationAsOnTheProcessor) {
  Bench<backend::Cpu, double> here;
  Bench<EmulatedCuda, double> there;
  const auto got = there.model.buffers();
  const auto wanted = here.model.buffers();
  test::expect_near({got.begin(), got.end()}, {wanted.begin(), wanted.end()}, 1e-10);
  const Evaluation a = train::evaluate(there.model, there.set, there.path);
  const Evaluation b = train::evaluate(here.model, here.set, here.path);
  EXPECT_NEAR(a.loss, b.loss, 1e-10);
  EXPECT_NEAR(a.loss_per_sample, b.loss_per_sample, 1e-10);
  EXPECT_EQ(a.accuracy, b.accuracy);
  EXPECT_EQ(a.samples, 30u);
  std::vector<double> other(there.model.parameter_count(), 0.01);
  EXPECT_NEAR(train::evaluate(there.model, there.set, there.path, other.data()).loss,
              train::evaluate(here.model, here.set, here.path, other.data()).loss, 1e-10);
}

template <class T>
void expect_the_same_noise(flatness::Filter filter, flatness::Scale scale) {
  Bench<backend::Cpu, T> here;
  Bench<EmulatedCuda, T> there;
  std::copy(here.model.parameters().begin(), here.model.parameters().end(),
            there.model.parameters().begin());
  auto landscape = here.candidate();
  auto on_device = there.candidate();
  const flatness::GaussianNoise noise{key};
  flatness::detail::Perturbation<T> wanted(landscape.weights(), landscape.tensors(), filter, scale);
  auto got = on_device.perturbation(filter, scale);
  wanted.reset();
  got.reset();
  for (const std::size_t level : {0u, 1u}) {
    wanted.disturb(0.3, noise, 2, level);
    got.disturb(0.3, noise, 2, level);
  }
  std::vector<T> fetched(wanted.weights().size());
  there.model.backend().device().copy_out(fetched.data(), got.weights().there,
                                          fetched.size() * sizeof(T));
  EXPECT_TRUE(std::ranges::equal(fetched, wanted.weights()));
  EXPECT_FALSE(std::ranges::equal(fetched, landscape.weights()));
  wanted.reset();
  got.reset();
  there.model.backend().device().copy_out(fetched.data(), got.weights().there,
                                          fetched.size() * sizeof(T));
  EXPECT_TRUE(std::ranges::equal(fetched, landscape.weights()));
}

TEST(CudaMeasuring, NoiseHasTheSameBits) {
  for (const auto scale :
       {flatness::Scale::absolute, flatness::Scale::relative, flatness::Scale::filter}) {
    for (const auto filter : {flatness::Filter::all, flatness::Filter::weights_only}) {
      expect_the_same_noise<float>(filter, scale);
      expect_the_same_noise<double>(filter, scale);
    }
  }
}

TEST(CudaMeasuring, FlatnessAsOnTheProcessor) {
  expect_as_on_the_processor(flatness::Genas{.draws = 2});
  expect_as_on_the_processor(flatness::Genas{.draws = 2, .antithetic = true});
  expect_as_on_the_processor(flatness::Genas::published());
  expect_as_on_the_processor(flatness::FlatNas{.sigma = 0.3, .draws = 4});
  expect_as_on_the_processor(flatness::SamSharpness{});
  expect_as_on_the_processor(flatness::HessianTrace{.draws = 2}, 1e-4);
  expect_as_on_the_processor(flatness::TopEigenvalue{.iterations = 3}, 1e-4);
}

/// Noise that the device does not know.
struct Halves {
  template <class Visit>
  void operator()(std::uint64_t, std::uint64_t, std::size_t first, std::size_t last,
                  Visit&& visit) const {
    for (std::size_t i = first; i < last; ++i) visit(i, i % 2 == 0 ? 0.5 : -0.5);
  }
};

TEST(CudaMeasuring, NoiseOfUsersIsMadeOnTheProcessor) {
  Bench<backend::Cpu, double> here;
  Bench<EmulatedCuda, double> there;
  auto wanted = here.candidate();
  auto got = there.candidate();
  const flatness::Genas genas;
  EXPECT_NEAR(genas.measure_with(got, Halves{}).value / genas.measure_with(wanted, Halves{}).value,
              1, 1e-8);
}

}  // namespace
