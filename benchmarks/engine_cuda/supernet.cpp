#include <cstdint>
#include <thread>

#include "cases.hpp"

namespace engine_cuda {

using Space = engine::Space<5>;

/// As candidate_path of ../pytorch_networks.py: another one for every i below 15,625.
tepui::Encoding<6> candidate_path(int i) {
  int number = static_cast<int>((7919LL * i + 4242) % 15625);
  tepui::Encoding<6> code{};
  for (auto& option : code) {
    option = static_cast<std::uint8_t>(number % 5);
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
void add_training(Cases& cases) {
  cases.push_back({"supernet_256", [](Math math) {
                     static constexpr int batch = 256;
                     static constexpr int paths = 8;
                     auto training =
                         std::make_shared<Training<Space::Network>>(batch, math, sgd);
                     auto next = std::make_shared<int>(0);
                     const auto step = [training, next] {
                       for (int i = 0; i < paths; ++i) {
                         const tepui::Encoding<6> code = candidate_path((*next)++);
                         training->step(code.data());
                       }
                     };
                     return Work{.step = step,
                                 .images = paths * batch,
                                 .tera = 6e-12 * mean_macs(0, 1000) * batch * paths};
                   }});
}

/// F_val of 64 candidates, four side by side, each of them a queue of its own.
void add_flatness(Cases& cases) {
  cases.push_back({"fval_64", [](Math math) {
                     static constexpr std::size_t samples = 10000;
                     static constexpr int batch = 1000;
                     static constexpr int candidates = 64;
                     static constexpr int side_by_side = 4;
                     using Model = tepui::nn::Model<Space::Network, float, Cuda>;
                     struct Bench {
                       tepui::data::Images<engine::cifar> images;
                       tepui::train::EvaluationSet<float, engine::cifar> set;
                       std::vector<std::unique_ptr<Model>> models;
                     };
                     auto images = drawn_images(samples);
                     const auto normalization = tepui::data::measure(images);
                     auto bench = std::make_shared<Bench>(
                         Bench{images,
                               {images, tepui::data::all_indices(samples), normalization, batch},
                               {}});
                     for (int i = 0; i < side_by_side; ++i) {
                       bench->models.push_back(
                           std::make_unique<Model>(batch, Cuda(Gpu(), math)));
                       bench->models.back()->initialize({1, tepui::random::Purpose::initialize});
                     }
                     const tepui::flatness::Genas genas;
                     const auto step = [bench, genas] {
                       std::vector<std::thread> threads;
                       for (std::size_t t = 0; t < side_by_side; ++t) {
                         threads.emplace_back([&, t] {
                           for (std::size_t c = t; c < candidates; c += side_by_side) {
                             const auto code = candidate_path(static_cast<int>(c));
                             tepui::supernet::Candidate<Model, engine::cifar> candidate(
                                 *bench->models[t], bench->set, code.data(), {});
                             (void)genas.measure(candidate, {1, tepui::random::Purpose::noise});
                           }
                         });
                       }
                       for (std::thread& thread : threads) thread.join();
                     };
                     const double levels = static_cast<double>(genas.sigmas.size());
                     return Work{.step = step,
                                 .images = candidates * levels * samples,
                                 .tera = 2e-12 * mean_macs(0, candidates) * candidates * levels *
                                         samples};
                   }});
}

void add_supernet(Cases& cases) {
  add_training(cases);
  add_flatness(cases);
}

}  // namespace engine_cuda
