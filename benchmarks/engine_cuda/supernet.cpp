#include <algorithm>
#include <array>
#include <iterator>
#include <thread>

#include "cases.hpp"

namespace engine_cuda {

using Space = engine::Space<5>;

/// Paths as a search draws them: a step takes eight, and the next step eight others.
void add_training(Cases& cases) {
  cases.push_back({"supernet_256", [](Math math) {
                     static constexpr int batch = 256;
                     static constexpr int paths = 8;
                     auto training =
                         std::make_shared<Training<Space::Network>>(batch, math, sgd);
                     auto stream = std::make_shared<tepui::random::Stream>(
                         tepui::random::Key{1, tepui::random::Purpose::path});
                     const auto step = [training, stream] {
                       for (int i = 0; i < paths; ++i) {
                         const auto code = tepui::space::sample<Space>(*stream);
                         training->step(code.data());
                       }
                     };
                     // what a path costs in the mean
                     double macs = 0;
                     tepui::random::Stream draws({2, tepui::random::Purpose::path});
                     for (int i = 0; i < 1000; ++i) {
                       macs += static_cast<double>(
                           tepui::cost_of<Space>(tepui::space::sample<Space>(draws)).macs);
                     }
                     return Work{.step = step,
                                 .images = paths * batch,
                                 .tera = 6e-12 * macs / 1000 * batch * paths};
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
                     std::array<tepui::Encoding<6>, candidates> codes;
                     tepui::random::Stream stream({1, tepui::random::Purpose::path});
                     double macs = 0;
                     for (auto& code : codes) {
                       code = tepui::space::sample<Space>(stream);
                       macs += static_cast<double>(tepui::cost_of<Space>(code).macs);
                     }
                     const auto step = [bench, codes, genas] {
                       std::vector<std::thread> threads;
                       for (std::size_t t = 0; t < side_by_side; ++t) {
                         threads.emplace_back([&, t] {
                           for (std::size_t c = t; c < candidates; c += side_by_side) {
                             tepui::supernet::Candidate<Model, engine::cifar> candidate(
                                 *bench->models[t], bench->set, codes[c].data(), {});
                             (void)genas.measure(candidate, {1, tepui::random::Purpose::noise});
                           }
                         });
                       }
                       for (std::thread& thread : threads) thread.join();
                     };
                     const double levels = static_cast<double>(genas.sigmas.size());
                     return Work{.step = step,
                                 .images = candidates * levels * samples,
                                 .tera = 2e-12 * macs * levels * samples};
                   }});
}

void add_supernet(Cases& cases) {
  add_training(cases);
  add_flatness(cases);
}

}  // namespace engine_cuda
