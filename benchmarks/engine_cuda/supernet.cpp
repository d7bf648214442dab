#include <cstdint>
#include <thread>

#include "cases.hpp"

namespace engine_cuda {
namespace {

using Space = engine::Space<5>;

/// As candidate_path of ../pytorch_networks.py: another one for every i below 15,625.
tepui::Encoding<6> candidate_path(int i) {
  int number = static_cast<int>((7919LL * i + 4242) % 15625);
  tepui::Encoding<6> code{};
  for (std::size_t edge = 0; edge < code.size(); ++edge) {
    code[edge] = static_cast<std::uint8_t>(number % 5);
    number /= 5;
  }
  return code;
}
double mean_macs(int first, int count) {
  double macs = 0;
  for (int i = first; i < first + count; ++i) {
    macs += static_cast<double>(tepui::cost_of<Space>(candidate_path(i)).macs);
  }
  return macs / count;
}

/// A step takes eight paths, and the next step eight others: nothing is taken twice.
Case training_case() {
  return case_of("supernet_256", []<Math math>() {
    constexpr int batch = 256;
    constexpr int paths = 8;
    auto training = std::make_shared<Training<Space::Network, math>>(batch, sgd);
    auto next = std::make_shared<int>(0);
    const auto step = [training, next] {
      for (int i = 0; i < paths; ++i) {
        const tepui::Encoding<6> code = candidate_path((*next)++);
        training->step(code.data());
      }
    };
    return Work{
        .step = step, .images = paths * batch, .tera = 6e-12 * mean_macs(0, 1000) * batch * paths};
  });
}

constexpr std::size_t samples = 10000;
constexpr int candidates = 64;

/// Measures F_val of all candidates, some side by side, each of those in a queue of its own.
template <class Backend>
class Search {
 public:
  Search() {
    for (std::size_t i = 0; i < side_by_side; ++i) {
      models_.push_back(std::make_unique<Model>(batch));
      models_.back()->initialize({1, tepui::random::Purpose::initialize});
    }
  }
  void step() {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < side_by_side; ++t) {
      threads.emplace_back([this, t] {
        for (std::size_t c = t; c < candidates; c += side_by_side) {
          const auto code = candidate_path(static_cast<int>(c));
          tepui::supernet::Candidate<Model, engine::cifar> candidate(*models_[t], set_, code.data(),
                                                                     {});
          (void)genas.measure(candidate, {1, tepui::random::Purpose::noise});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const tepui::flatness::Genas genas{};

 private:
  using Model = tepui::nn::Model<Space::Network, float, Backend>;
  static constexpr std::size_t side_by_side = 4;
  static constexpr int batch = 1000;

  tepui::data::Images<engine::cifar> images_ = drawn_images(samples);
  tepui::train::EvaluationSet<float, engine::cifar> set_{images_, tepui::data::all_indices(samples),
                                                         tepui::data::measure(images_), batch};
  std::vector<std::unique_ptr<Model>> models_;
};

Case flatness_case() {
  return case_of("fval_64", []<Math math>() {
    auto search = std::make_shared<Search<CudaIn<math>>>();
    const double levels = static_cast<double>(search->genas.sigmas.size());
    return Work{.step = [search] { search->step(); },
                .images = candidates * levels * samples,
                .tera = 2e-12 * mean_macs(0, candidates) * candidates * levels * samples,
                .warm_steps = 1};
  });
}

}  // namespace

void add_supernet(Cases& cases) {
  cases.push_back(training_case());
  cases.push_back(flatness_case());
}

}  // namespace engine_cuda
