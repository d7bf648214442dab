#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/backend/cuda/backend.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/cuda/passes.hpp"
#include "tepui/optim/detail/step_fault.hpp"

namespace tepui::cuda {

/// @brief Parts of the flat vector as kernels see them: pieces in the device's memory, cut by the
/// parts alone.
template <backend::cuda::Device D>
class PiecesOf {
 public:
  PiecesOf() = default;
  /// @param parts tensors or ranges, in this order
  template <class Part>
  PiecesOf(const D& device, std::span<const Part> parts) {
    std::vector<Piece> pieces;
    for (const Part& part : parts) {
      elements_ += part.count;
      for (std::size_t done = 0; done < part.count; done += piece_size) {
        Piece piece{.offset = part.offset,
                    .first = part.offset + done,
                    .last = part.offset + std::min(done + piece_size, part.count)};
        if constexpr (requires { part.kind; }) piece.kind = part.kind;
        if constexpr (requires { part.filters; }) {
          piece.filters = part.filters;
          piece.first_scale = part.first_scale;
        }
        pieces.push_back(piece);
      }
    }
    count_ = pieces.size();
    memory_ = backend::cuda::Memory<Piece, D>::uninitialized(device, count_);
    if (count_ != 0) device.copy_in(memory_.data(), pieces.data(), count_ * sizeof(Piece));
  }

  /// What passes take; valid as long as this lives.
  struct View {
    const Piece* pieces = nullptr;
    int count = 0;
    std::size_t elements = 0;
    friend std::size_t elements_in(const View& view) { return view.elements; }
  };
  [[nodiscard]] View view() { return {memory_.data(), static_cast<int>(count_), elements_}; }

 private:
  backend::cuda::Memory<Piece, D> memory_;
  std::size_t count_ = 0;
  std::size_t elements_ = 0;
};

/// @brief Where vectors live on a device: what optim::HostVectors is for the processor.
///
/// Passes are put into the device's queue. A number that they find stays there, so a whole step can
/// be recorded; what is not finite is noted, and what would change weights after that does nothing.
template <backend::cuda::Device D>
class DeviceVectors {
 public:
  template <class T>
  using Vector = backend::cuda::Memory<T, D>;
  using Tensors = typename PiecesOf<D>::View;
  using Ranges = typename PiecesOf<D>::View;
  using Value = DeviceValue;

  /// @brief Memory that passes need, and what they noted.
  struct Workspace {
    static constexpr std::size_t most_sums = 16;  ///< in one step

    Workspace(const D& device, std::size_t parameters, std::size_t most_parts)
        : parts(Vector<double>::uninitialized(device, parameters / piece_size + most_parts + 1)),
          sums(Vector<double>::uninitialized(device, most_sums)),
          record(device, 1) {}

    Vector<double> parts;
    Vector<double> sums;
    Vector<StepRecord> record;
    std::size_t used = 0;  ///< sums of this step
  };

  DeviceVectors(const D& device, Workspace& workspace) : device_(device), workspace_(&workspace) {}

  template <class T>
  [[nodiscard]] Vector<T> zeros(std::size_t count) const {
    return Vector<T>(device_, count);
  }
  /// pass(part)(i) for every element i of the parts.
  template <class Pass>
  void each(const Tensors& parts, const Pass& pass) const {
    run(parts, pass, nullptr);
  }
  /// The same, left out once something was not finite.
  template <class Pass>
  void update(const Tensors& parts, const Pass& pass) const {
    run(parts, pass, workspace_->record.data());
  }
  /// @return the sum of pass(part)(i), in double and in a fixed order
  template <class Pass>
  [[nodiscard]] Value sum(const Tensors& parts, const Pass& pass) const {
    double* const pieces = workspace_->parts.data();
    if (workspace_->used == Workspace::most_sums) {
      throw SettingError("optimizer on a device: more than " +
                         std::to_string(Workspace::most_sums) + " sums in one step");
    }
    double* const to = workspace_->sums.data() + workspace_->used++;
    if (parts.count > 0) {
      device_.launch(SumPieces<Pass>{parts.pieces, pass, pieces}, {parts.count, 1, 1});
    }
    device_.launch(SumParts{pieces, parts.count, to}, {});
    return {to};
  }
  void require_finite(Value value, optim::detail::StepFault fault, Value) const {
    device_.launch(RequireFinite{value.at, fault, workspace_->record.data()}, {});
  }
  void require_finite(Value value, optim::detail::StepFault fault, double) const {
    require_finite(value, fault, value);
  }

  /// Begins a step.
  void begin() const {
    workspace_->used = 0;
    device_.launch(BeginStep{workspace_->record.data()}, {});
  }
  [[nodiscard]] StepRecord* record() const { return workspace_->record.data(); }
  [[nodiscard]] const D& device() const { return device_; }

 private:
  template <class Pass>
  void run(const Tensors& parts, const Pass& pass, const StepRecord* unless_faulty) const {
    if (parts.count == 0) return;
    device_.launch(EachElement<Pass>{parts.pieces, pass, unless_faulty}, {parts.count, 1, 1});
  }

  D device_;
  Workspace* workspace_;
};

}  // namespace tepui::cuda
