#pragma once

#include <cmath>
#include <cstddef>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/loss.hpp"
#include "tepui/core/parameter_kind.hpp"
#include "tepui/optim/detail/step_fault.hpp"

/// @file
/// Kernels of DeviceVectors: passes over parts of the flat parameter vector. A pass is what
/// optim::HostVectors takes, too.

namespace tepui::cuda {

/// A piece of a part of the flat vector; as a part it has the offset and kind that the pass asks
/// for.
struct Piece {
  std::size_t offset = 0;  ///< of the whole part
  ParameterKind kind = ParameterKind::weight;
  std::size_t first = 0;  ///< elements first..last-1 are the piece
  std::size_t last = 0;
  std::size_t filters = 1;      ///< of the part, where noise asks for them
  std::size_t first_scale = 0;  ///< likewise; see flatness::detail::Part
};
inline constexpr std::size_t piece_size = 4096;

/// @brief What is known of a step on the device, read by the processor when it is over.
struct StepRecord {
  backend::cuda::LossSum first{};  ///< of both visits
  backend::cuda::LossSum again{};
  optim::detail::StepFault fault = optim::detail::StepFault::none;
  double value = 0;  ///< what was not finite
};

/// A number in the device's memory.
struct DeviceValue {
  const double* at = nullptr;
  TEPUI_HOST_DEVICE explicit operator double() const { return *at; }
};

/// pass(piece)(i) for all elements: a block takes a piece.
template <class Pass>
struct EachElement {
  static constexpr int threads = 256;
  struct Shared {};
  const Piece* pieces = nullptr;
  Pass pass;
  const StepRecord* unless_faulty = nullptr;  ///< null: in any case

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    if (unless_faulty != nullptr && unless_faulty->fault != optim::detail::StepFault::none) return;
    const Piece piece = pieces[block.index()];
    block.each_alone([&](int thread) {
      const auto element = pass(piece);
      for (std::size_t i = piece.first + static_cast<std::size_t>(thread); i < piece.last;
           i += threads) {
        element(i);
      }
    });
  }
};

/// Sums of the numbers that a block's threads have, in a fixed order.
template <int Threads, class Block>
TEPUI_HOST_DEVICE void sum_of_threads(Block& block, double (&sums)[Threads]) {
  for (int half = Threads / 2; half > 0; half /= 2) {
    block.each([&](int thread) {
      if (thread < half) sums[thread] += sums[thread + half];
    });
  }
}

/// The sum of pass(piece)(i) over each piece.
template <class Pass>
struct SumPieces {
  static constexpr int threads = 256;
  struct Shared {
    double sums[threads];
  };
  const Piece* pieces = nullptr;
  Pass pass;
  double* parts = nullptr;  ///< one per piece

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const Piece piece = pieces[block.index()];
    block.each([&](int thread) {
      const auto term = pass(piece);
      double sum = 0;
      for (std::size_t i = piece.first + static_cast<std::size_t>(thread); i < piece.last;
           i += threads) {
        sum += term(i);
      }
      shared.sums[thread] = sum;
    });
    sum_of_threads(block, shared.sums);
    block.each_alone([&](int thread) {
      if (thread == 0) parts[block.index()] = shared.sums[0];
    });
  }
};

/// The sum of a few numbers, in one block.
struct SumParts {
  static constexpr int threads = 256;
  struct Shared {
    double sums[threads];
  };
  const double* parts = nullptr;
  int count = 0;
  double* sum = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    block.each([&](int thread) {
      double total = 0;
      for (int i = thread; i < count; i += threads) total += parts[i];
      shared.sums[thread] = total;
    });
    sum_of_threads(block, shared.sums);
    block.each_alone([&](int thread) {
      if (thread == 0) *sum = shared.sums[0];
    });
  }
};

/// Forgets what went wrong in the step before.
struct BeginStep {
  static constexpr int threads = 1;
  struct Shared {};
  StepRecord* record = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int) { *record = {}; });
  }
};

/// Notes the first number of a step that is not finite.
struct RequireFinite {
  static constexpr int threads = 1;
  struct Shared {};
  const double* value = nullptr;
  optim::detail::StepFault fault = optim::detail::StepFault::none;
  StepRecord* record = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int) {
      const bool finite = *value - *value == 0;
      if (finite || record->fault != optim::detail::StepFault::none) return;
      record->fault = fault;
      record->value = *value;
    });
  }
};

/// y = x if something was not finite.
template <class T>
struct CopyIfFaulty {
  static constexpr int threads = 256;
  struct Shared {};
  const StepRecord* record = nullptr;
  std::size_t n = 0;
  const T* x = nullptr;
  T* y = nullptr;
  int blocks = 1;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    if (record->fault == optim::detail::StepFault::none) return;
    block.each_alone([&](int thread) {
      for (std::size_t i = static_cast<std::size_t>(block.index() * threads + thread); i < n;
           i += static_cast<std::size_t>(blocks * threads)) {
        y[i] = x[i];
      }
    });
  }
};

}  // namespace tepui::cuda
