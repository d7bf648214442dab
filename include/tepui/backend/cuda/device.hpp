#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/loss.hpp"

namespace tepui::backend::cuda {

/// @brief A queue of work on one device, done in order: a handle, whose copies are the same queue.
/// One thread uses a queue at a time: what another one launched while this records would be
/// recorded.
///
/// | member | meaning |
/// |---|---|
/// | `none()` | a handle of no device, for which nothing may be called |
/// | `launch(kernel, grid)` | puts a kernel into the queue; for the kernels there are |
/// | `allocate(bytes)`, `release(p)` | memory of the device, on a boundary of 256 bytes |
/// | `clear(p, bytes)` | zeros, in the queue |
/// | `copy_in(to, from, bytes)` | from the processor's memory; `from` may change afterwards |
/// | `copy_out(to, from, bytes)` | into the processor's memory, after all that is in the queue |
/// | `kept(id, from, bytes)` | a copy on the device, made once for the last few ids |
/// | `record(body)`, `replay(recording)` | what body launches, to be launched again as one |
/// | `description()` | which device it is, for the record of a run |
///
/// Gpu (toolkit/gpu.hpp) is the real one; tests have one that runs kernels on the processor.
template <class D>
concept Device = std::copyable<D> &&
    requires(const D& device, void* memory, const void* from, std::size_t bytes, std::uint64_t id) {
  { D::none() } -> std::same_as<D>;
  { device.allocate(bytes) } -> std::same_as<void*>;
  device.release(memory);
  device.clear(memory, bytes);
  device.copy_in(memory, from, bytes);
  device.copy_out(memory, from, bytes);
  { device.description() } -> std::convertible_to<std::string>;
  { device.kept(id, from, bytes) } -> std::same_as<std::shared_ptr<const void>>;
  typename D::Recording;
};

}  // namespace tepui::backend::cuda
