#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tepui/backend/cuda/backend.hpp"
#include "tepui/cuda/augment_batch.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/train/detail/batches.hpp"

namespace tepui::cuda {

/// @brief A loader's batches, made on a device from a data set that lies there.
///
/// Pixels and labels are copied to the device once for each loader, the order of the samples once
/// an epoch; a batch then takes its place in that order, and one kernel.
template <backend::cuda::Device D, class T, Shape S>
class BatchMaker {
 public:
  BatchMaker(const D& device, data::Loader<T, S>& loader)
      : device_(device),
        loader_(loader),
        table_(Memory<T>::uninitialized(device, 256 * channels)),
        order_(Memory<std::uint32_t>::uninitialized(device, loader.samples())),
        place_(Memory<BatchPlace>::uninitialized(device, 1)),
        images_(Memory<T>::uninitialized(device, most() * S.size())),
        labels_(Memory<std::uint16_t>::uninitialized(device, most())),
        all_images_(device.kept(2 * loader.id(), loader.images().pixels.data(),
                                loader.images().pixels.size())),
        all_labels_(device.kept(2 * loader.id() + 1, loader.images().labels.data(),
                                loader.images().labels.size() * sizeof(std::uint16_t))) {
    std::vector<T> values;
    for (std::size_t c = 0; c < channels; ++c) {
      for (int v = 0; v < 256; ++v)
        values.push_back(loader.table()(c, static_cast<std::uint8_t>(v)));
    }
    device.copy_in(table_.data(), values.data(), values.size() * sizeof(T));
  }

  void start_epoch(std::uint64_t epoch) {
    loader_.start_epoch(epoch);
    device_.copy_in(order_.data(), loader_.order().data(),
                    loader_.order().size() * sizeof(std::uint32_t));
  }
  /// @brief Goes on to the next batch. @return its samples, 0 at the end of the epoch
  int next() {
    const data::BatchPlaces places = loader_.next_places();
    if (places.size > 0) {
      const BatchPlace place{loader_.augment_key(), places.first};
      device_.copy_in(place_.data(), &place, sizeof place);
    }
    return places.size;
  }
  /// @brief Puts the making of the batch into the queue; nothing in it changes with the batch but
  /// its size, so that it can be recorded.
  void make(int size) {
    const AugmentBatch<T> kernel{.augment = loader_.options().augment,
                                 .shape = S,
                                 .batch = size,
                                 .place = place_.data(),
                                 .order = order_.data(),
                                 .pixels = static_cast<const std::uint8_t*>(all_images_.get()),
                                 .labels = static_cast<const std::uint16_t*>(all_labels_.get()),
                                 .table = table_.data(),
                                 .out = images_.data(),
                                 .out_labels = labels_.data()};
    device_.launch(kernel, kernel.grid());
  }
  [[nodiscard]] const T* images() { return images_.data(); }
  [[nodiscard]] const std::uint16_t* labels() { return labels_.data(); }

 private:
  template <class E>
  using Memory = backend::cuda::Memory<E, D>;
  static constexpr auto channels = static_cast<std::size_t>(S.channels);
  [[nodiscard]] std::size_t most() const {
    return static_cast<std::size_t>(loader_.options().batch);
  }

  D device_;
  data::Loader<T, S>& loader_;
  Memory<T> table_;
  Memory<std::uint32_t> order_;
  Memory<BatchPlace> place_;
  Memory<T> images_;
  Memory<std::uint16_t> labels_;
  std::shared_ptr<const void> all_images_;
  std::shared_ptr<const void> all_labels_;
};

}  // namespace tepui::cuda

namespace tepui::train::detail {

template <class Backend>
requires backend::on_device<Backend>
struct BatchesOn<Backend> {
  template <class T, Shape S>
  class Of {
   public:
    template <class Model>
    Of(const Model& model, data::Loader<T, S>& loader) : maker_(model.backend().device(), loader) {}

    void start_epoch(std::uint64_t epoch) { maker_.start_epoch(epoch); }
    data::Batch<T> next() {
      const int size = maker_.next();
      if (size > 0) maker_.make(size);
      return {.images = maker_.images(), .labels = maker_.labels(), .size = size};
    }

   private:
    tepui::cuda::BatchMaker<typename Backend::DeviceType, T, S> maker_;
  };
};

}  // namespace tepui::train::detail
