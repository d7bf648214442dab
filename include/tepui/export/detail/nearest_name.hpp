#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tepui::io::detail {

/// @return fewest insertions, deletions and replacements that turn one text into the other
/// @source R. Wagner, M. Fischer, The String-to-String Correction Problem, JACM 1974
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// @return the end of a message about an unknown name: the nearest known one, then all of them
[[nodiscard]] inline std::string advice(std::string_view name, std::span<const std::string> known) {
  if (known.empty()) return "; there are none here";
  const auto nearest =
      std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edit_distance(name, a) < edit_distance(name, b);
      });
  std::string text = "; the nearest is '" + *nearest + "' (known: ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i > 0 ? ", " : "") + known[i];
  return text + ")";
}

}  // namespace tepui::io::detail
