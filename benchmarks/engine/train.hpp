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
#include "tepui/backend/cpu.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/optim/sgd.hpp"

namespace engine {

inline std::vector<std::uint16_t> labels(int batch, int classes) {
  std::vector<std::uint16_t> values(static_cast<std::size_t>(batch));
  for (int i = 0; i < batch; ++i) {
    values[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(i % classes);
  }
  return values;
}

inline const tepui::optim::Sgd sgd{.learning_rate = 1e-3, .momentum = 0.9};

/// A model with a batch to train on.
template <class Network, class Optimizer = tepui::optim::Sgd, class Backend = tepui::backend::Cpu>
struct Training {
  using Model = tepui::nn::Model<Network, float, Backend>;

  explicit Training(int batch, const Optimizer& optimizer = sgd)
      : batch(batch),
        optimizer(optimizer),
        model(batch),
        images(noise(static_cast<std::size_t>(batch) * Network::input.size(), 0)),
        targets(labels(batch, Model::classes)),
        gradient(Network::parameters),
        state(optimizer.template start<float>(Network::parameters)) {
    model.initialize({1, tepui::random::Purpose::initialize});
  }

  void step(const std::uint8_t* choices = nullptr) {
    namespace optim = tepui::optim;
    Network::describe(description, choices);
    tepui::write_ranges(description.parameters, active);
    auto pass = model.pass(batch, choices);
    const auto objective = [&](optim::Visit visit) {
      pass.statistics = visit == optim::Visit::first ? tepui::nn::Statistics::batch_and_track
                                                     : tepui::nn::Statistics::batch;
      return model.loss_and_gradient(pass, images.data(), targets.data(), gradient).mean_loss();
    };
    const optim::Target<float> target{.weights = model.parameters(),
                                      .gradient = gradient,
                                      .tensors = description.parameters,
                                      .active = active};
    optim::take_step(optimizer, state, target, objective);
  }

  int batch;
  Optimizer optimizer;
  Model model;
  std::vector<float> images;
  std::vector<std::uint16_t> targets;
  std::vector<float> gradient;
  typename Optimizer::template State<float> state;
  tepui::nn::Description description;
  std::vector<tepui::ParameterRange> active;
};

/// Two FLOP a multiply-add, three passes over each layer.
inline double train_gflop(std::int64_t macs, int batch) {
  return 6e-9 * static_cast<double>(macs) * batch;
}

template <class Network, class Backend = tepui::backend::Cpu>
Case train_case(std::string name, int batch) {
  return {.name = std::move(name),
          .prepare = [batch]() -> std::function<double()> {
            auto training = std::make_shared<Training<Network, tepui::optim::Sgd, Backend>>(batch);
            const double work = train_gflop(Network::cost().macs, batch);
            return [training, work] {
              training->step();
              return work;
            };
          },
          .images = batch};
}

}  // namespace engine
