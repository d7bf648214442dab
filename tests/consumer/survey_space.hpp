#pragma once

#include <cstddef>
#include <vector>

#include "tepui/nn/activation.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/space/space.hpp"

namespace survey_space {

/// A user's space: three architectures that train in no time.
template <int Channels>
struct Space : tepui::Space<tepui::Shape{3, 16, 16}, tepui::nn::Conv2d<Channels, 3, 2>,
                            tepui::space::Choice<0, tepui::nn::Identity, tepui::nn::Relu,
                                                 tepui::nn::Conv2d<Channels, 3>>,
                            tepui::nn::GlobalAvgPool, tepui::nn::Linear<10>> {};

/// What a user's visitor could gather.
struct Walk {
  std::vector<std::size_t> parameters;

  template <class Architecture>
  void operator()() {
    parameters.push_back(Architecture::parameters);
  }
};

}  // namespace survey_space
