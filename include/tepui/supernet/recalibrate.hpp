#pragma once

#include <cstdint>
#include <vector>

#include "tepui/data/loader.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/train/detail/batches.hpp"

namespace tepui::supernet {

/// How the running statistics of a path are measured again.
enum class Averaging {
  cumulative,   ///< mean over the batches: no trace of the initial values
  exponential,  ///< momentum 0.1 from (0, 1): as published code does; 14 batches leave 23 % of (0,
                ///< 1)
};

/// @brief Measures the batch-norm statistics of one path afresh, on training images.
///
/// Statistics of a supernet mix those of all paths; without this a path's accuracy means little.
/// @param batches how many batches of the loader's next epoch are used, at most
/// @param epoch   which epoch of the loader; the same for all candidates gives the same images
template <class Model, class T, Shape S>
void recalibrate(Model& model, data::Loader<T, S>& loader, const std::uint8_t* choices,
                 std::size_t batches, Averaging averaging, std::uint64_t epoch = 0) {
  nn::initialize_buffers(model.buffers(), model.describe(choices));
  using Backend = typename backend::BackendOf<Model>::Type;
  typename train::detail::BatchesOn<Backend>::template Of<T, S> source(model, loader);
  source.start_epoch(epoch);
  for (std::size_t k = 0; k < batches; ++k) {
    const auto batch = source.next();
    if (!batch) break;
    auto pass = model.pass(batch.size, choices);
    pass.statistics = nn::Statistics::batch_and_track;
    pass.statistics_momentum =
        averaging == Averaging::exponential ? 0.1 : 1.0 / static_cast<double>(k + 1);
    if constexpr (backend::on_device<Backend>) {
      model.forward_there(pass, batch.images, nullptr);
    } else {
      model.forward(pass, batch.images);
    }
  }
}

}  // namespace tepui::supernet
