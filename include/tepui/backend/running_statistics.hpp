#pragma once

namespace tepui::backend {

/// @brief What a batch normalisation remembers of its batches:
///
///     mean = keep * mean + take * batch mean;  variance likewise, unbiased
template <class T>
struct RunningStatistics {
  T* mean = nullptr;  ///< (channels); null: nothing is remembered
  T* variance = nullptr;
  T keep = T(1);
  T take = T(0);
  T unbiased = T(1);  ///< rows / (rows - 1)
};

}  // namespace tepui::backend
