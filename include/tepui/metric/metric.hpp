#pragma once

#include "tepui/flatness/measurement.hpp"

namespace tepui::metric {

using flatness::Measurement;

/// @brief Anything that measures one candidate: flatness estimators, and what is in this folder.
///
/// `measure(candidate, key)` returns a Measurement; `larger_is_better` says which way it points. A
/// candidate is a Landscape that may tell more: cost(), initial_weights(), constants().
template <class M, class Candidate>
concept Metric = flatness::Oriented<M> && flatness::Measures<M, Candidate>;

}  // namespace tepui::metric
