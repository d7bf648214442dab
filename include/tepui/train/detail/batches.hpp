#pragma once

#include <cstdint>

#include "tepui/backend/backend.hpp"
#include "tepui/data/loader.hpp"

namespace tepui::train::detail {

/// A loader's batches where a model computes; for devices see tepui/cuda.hpp.
template <class Backend>
struct BatchesOn {
  static constexpr bool on_processor = !backend::on_device<Backend>;
  static_assert(on_processor, "training on a device: include tepui/cuda.hpp");

  template <class T, Shape S>
  class Of {
   public:
    template <class Model>
    Of(const Model&, data::Loader<T, S>& loader) : loader_(loader) {}

    void start_epoch(std::uint64_t epoch) { loader_.start_epoch(epoch); }
    /// @return the next batch, valid until the next call
    data::Batch<T> next() { return loader_.next(); }

   private:
    data::Loader<T, S>& loader_;
  };
};

}  // namespace tepui::train::detail
