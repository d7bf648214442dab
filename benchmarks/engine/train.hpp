#pragma once

// Cases that are training steps: forward, loss, backward and SGD with momentum.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine.hpp"
#include "tepui/nn/model.hpp"

namespace engine {

inline std::vector<std::uint16_t> labels(int batch, int classes) {
  std::vector<std::uint16_t> values(static_cast<std::size_t>(batch));
  for (int i = 0; i < batch; ++i) {
    values[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(i % classes);
  }
  return values;
}

/// A model with a batch to train on.
template <class Network>
struct Training {
  explicit Training(int batch)
      : batch(batch),
        model(batch),
        images(noise(static_cast<std::size_t>(batch) * Network::input.size(), 0)),
        targets(labels(batch, tepui::nn::Model<Network>::classes)),
        gradient(Network::parameters),
        velocity(Network::parameters) {
    model.initialize({1, tepui::random::Purpose::initialize});
  }

  void step(const std::uint8_t* choices = nullptr) {
    auto pass = model.pass(batch, choices);
    pass.statistics = tepui::nn::Statistics::batch_and_track;
    model.loss_and_gradient(pass, images.data(), targets.data(), gradient);
    const auto weights = model.parameters();
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      velocity[i] = 0.9F * velocity[i] + gradient[i];
      weights[i] -= 1e-3F * velocity[i];
    }
  }

  int batch;
  tepui::nn::Model<Network> model;
  std::vector<float> images;
  std::vector<std::uint16_t> targets;
  std::vector<float> gradient;
  std::vector<float> velocity;
};

/// Two FLOP a multiply-add, three passes over each layer.
inline double train_gflop(std::int64_t macs, int batch) {
  return 6e-9 * static_cast<double>(macs) * batch;
}

template <class Network>
Case train_case(std::string name, int batch) {
  return {.name = std::move(name),
          .prepare = [batch]() -> std::function<double()> {
            auto training = std::make_shared<Training<Network>>(batch);
            const double work = train_gflop(Network::cost().macs, batch);
            return [training, work] {
              training->step();
              return work;
            };
          },
          .images = batch};
}

}  // namespace engine
