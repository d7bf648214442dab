#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/parameter.hpp"

namespace tepui::support {

/// @brief A landscape made of any function from weights to an Evaluation; remembers where it was
/// asked.
template <class T>
class ToyLandscape {
 public:
  using Scalar = T;
  using Function = std::function<Evaluation(std::span<const T>)>;

  ToyLandscape(std::vector<T> at, Function function) : w_(std::move(at)), f_(std::move(function)) {
    tensors_ = {
        {.name = "w", .dims = {static_cast<int>(w_.size())}, .offset = 0, .count = w_.size()}};
  }

  [[nodiscard]] std::span<const T> weights() const { return w_; }
  [[nodiscard]] std::span<const ParameterInfo> tensors() const { return tensors_; }
  void set_tensors(std::vector<ParameterInfo> tensors) { tensors_ = std::move(tensors); }
  Evaluation evaluate(std::span<const T> w) {
    asked.emplace_back(w.begin(), w.end());
    return f_(w);
  }

  std::vector<std::vector<T>> asked;  ///< the weights of every evaluation

 private:
  std::vector<T> w_;
  Function f_;
  std::vector<ParameterInfo> tensors_;
};

/// @brief A landscape of which only the losses matter: evaluation i gives losses[i].
inline ToyLandscape<double> prescribed_losses(std::vector<double> losses) {
  auto next = std::size_t{0};
  return {std::vector<double>{0.0}, [losses = std::move(losses), next](auto) mutable {
            const double loss = losses.at(next++);
            return Evaluation{.loss = loss, .loss_per_sample = loss, .samples = 1};
          }};
}

/// @brief Noise that a test writes down: z(draw, level, index).
template <class Z>
auto prescribed_noise(Z z) {
  return
      [z](std::size_t draw, std::size_t level, std::size_t first, std::size_t last, auto&& visit) {
        for (std::size_t i = first; i < last; ++i) visit(i, static_cast<double>(z(draw, level, i)));
      };
}

}  // namespace tepui::support
