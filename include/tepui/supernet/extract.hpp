#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "tepui/nn/model.hpp"
#include "tepui/space/materialize.hpp"

namespace tepui::supernet {

/// @brief Weights and statistics of one path in the order of its static network.
template <class T>
struct PathWeights {
  std::vector<T> parameters;
  std::vector<T> buffers;
};

/// @brief Gathers what lies on a path of a supernet.
///
/// The static network describes the same tensors in the same order without the gaps, which is why
/// gathering is all there is to it.
template <class Model>
[[nodiscard]] PathWeights<typename Model::Scalar> gather(const Model& supernet,
                                                         const std::uint8_t* choices) {
  PathWeights<typename Model::Scalar> path;
  const nn::Description d = supernet.describe(choices);
  for (const ParameterInfo& t : d.parameters) {
    const auto from = supernet.parameters().subspan(t.offset, t.count);
    path.parameters.insert(path.parameters.end(), from.begin(), from.end());
  }
  for (const nn::BufferInfo& t : d.buffers) {
    const auto from = supernet.buffers().subspan(t.offset, t.count);
    path.buffers.insert(path.buffers.end(), from.begin(), from.end());
  }
  return path;
}

/// @brief The static network of one encoding with the supernet's weights and statistics.
/// @tparam Code the encoding, a constant
/// @return a model on the supernet's backend whose output equals the supernet's along that path to
/// rounding
template <SearchSpace S, typename S::Encoding Code, class Supernet>
[[nodiscard]] auto extract(const Supernet& supernet) {
  using Architecture = materialize_t<S, Code>;
  nn::Model<Architecture, typename Supernet::Scalar, typename Supernet::BackendType> model(
      supernet.max_batch(), supernet.backend());
  const auto path = gather(supernet, Code.data());
  std::copy(path.parameters.begin(), path.parameters.end(), model.parameters().begin());
  std::copy(path.buffers.begin(), path.buffers.end(), model.buffers().begin());
  return model;
}

}  // namespace tepui::supernet
