#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "tepui/search/dominance.hpp"
#include "tepui/search/hypervolume.hpp"

namespace tepui::tabular::detail {

/// The points that no other of those added dominates, larger values being better.
class Front {
 public:
  /// @param reference a point that is at most as good as all others
  explicit Front(std::vector<double> reference) : reference_(std::move(reference)) {}

  /// @return whether the point is new and not dominated
  bool add(std::span<const double> point) {
    for (const auto& other : points_) {
      if (std::equal(other.begin(), other.end(), point.begin(), point.end()) ||
          search::dominates(other, point, search::Direction::maximise)) {
        return false;
      }
    }
    std::erase_if(points_, [&](const auto& other) {
      return search::dominates(point, other, search::Direction::maximise);
    });
    points_.emplace_back(point.begin(), point.end());
    return true;
  }
  [[nodiscard]] double volume() const {
    return search::hypervolume(points_, reference_, search::Direction::maximise);
  }

 private:
  std::vector<double> reference_;
  std::vector<std::vector<double>> points_;
};

}  // namespace tepui::tabular::detail
