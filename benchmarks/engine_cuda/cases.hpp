#pragma once

// The cases of the benchmark, and what they share.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../engine/networks.hpp"
#include "tepui/cuda.hpp"
#include "tepui/space/cost.hpp"

namespace engine_cuda {

using tepui::backend::cuda::Math;
/// The backend that computes so.
template <Math math>
using CudaIn = tepui::backend::cuda::BackendOn<tepui::backend::cuda::Gpu, math>;

/// What one call does.
struct Work {
  std::function<void()> step;  ///< leaves nothing undone on the device
  double images = 0;
  double tera = 0;     ///< 10^12 floating-point operations
  int warm_steps = 3;  ///< the third step of a training is the first that is a replay
};
struct Case {
  std::string name;
  std::function<Work(Math)> prepare;
};
using Cases = std::vector<Case>;

/// @param make make.template operator()<math>() prepares the case
template <class Make>
Case case_of(std::string name, Make make) {
  return {std::move(name), [make](Math math) {
            switch (math) {
              case Math::tf32:
                return make.template operator()<Math::tf32>();
              case Math::bf16:
                return make.template operator()<Math::bf16>();
              case Math::exact:
                break;
            }
            return make.template operator()<Math::exact>();
          }};
}

// Each in a file of its own, so that they compile side by side.
void add_all3x3(Cases& cases);
void add_mixed(Cases& cases);
void add_supernet(Cases& cases);
void add_sam(Cases& cases);
void add_convolution(Cases& cases);

/// Random images with labels 0 to 9.
inline tepui::data::Images<engine::cifar> drawn_images(std::size_t count) {
  tepui::data::Images<engine::cifar> images;
  images.pixels.resize(count * engine::cifar.size());
  tepui::random::Stream stream({1, tepui::random::Purpose::user});
  for (auto& value : images.pixels) value = static_cast<std::uint8_t>(stream.below(256));
  for (std::size_t i = 0; i < count; ++i) {
    images.labels.push_back(static_cast<std::uint16_t>(i % 10));
  }
  return images;
}

inline const tepui::optim::Sgd sgd{.learning_rate = 1e-3, .momentum = 0.9};

/// A model whose training steps lie on the device as a whole, batch and its changes included.
template <class Network, Math math, class Optimizer = tepui::optim::Sgd>
class Training {
 public:
  Training(int batch, const Optimizer& optimizer)
      : optimizer_(optimizer),
        images_(drawn_images(static_cast<std::size_t>(batch) * 8)),
        loader_(
            images_, tepui::data::measure(images_),
            {.batch = batch, .augment = tepui::data::augmentation::nas_bench_201(), .ahead = false},
            1),
        model_(batch),
        steps_(initialized(model_), optimizer_, loader_, false) {}

  void step(const std::uint8_t* choices = nullptr) {
    while (steps_.next() == 0) steps_.start_epoch(epoch_++);
    steps_.take({.choices = choices});
  }

 private:
  using Model = tepui::nn::Model<Network, float, CudaIn<math>>;
  static Model& initialized(Model& model) {
    model.initialize({1, tepui::random::Purpose::initialize});
    return model;
  }

  Optimizer optimizer_;
  tepui::data::Images<engine::cifar> images_;
  tepui::data::Loader<float, engine::cifar> loader_;
  Model model_;
  tepui::cuda::ResidentSteps<Model, Optimizer, engine::cifar> steps_;
  std::uint64_t epoch_ = 0;
};

/// Two operations a multiply-add, three passes over each layer.
inline double train_tera(std::int64_t macs, int batch) {
  return 6e-12 * static_cast<double>(macs) * batch;
}

template <class Network, class Optimizer = tepui::optim::Sgd>
Case train_case(std::string name, int batch, const Optimizer& optimizer = sgd) {
  return case_of(std::move(name), [=]<Math math>() {
    auto training = std::make_shared<Training<Network, math, Optimizer>>(batch, optimizer);
    const bool twice = tepui::optim::OwnsStep<Optimizer, float>;
    return Work{.step = [training] { training->step(); },
                .images = static_cast<double>(batch),
                .tera = (twice ? 2 : 1) * train_tera(Network::cost().macs, batch)};
  });
}

}  // namespace engine_cuda
