#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/file.hpp"
#include "tepui/export/number.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/tabular/convert.hpp"
#include "tepui/tabular/nas_bench_201_table.hpp"
#include "unit/data/data_files.hpp"

/// @file
/// A table of all 15,625 architectures with made-up numbers that tests can compute.

namespace made_up {

using tepui::tabular::Column;
using Space = tepui::tabular::NasBench201Table::Space;
using Encoding = Space::Encoding;

inline constexpr std::size_t count = 15'625;

/// Another order than that of the ranks, every index once.
inline std::uint32_t index_of(std::size_t rank) {
  return static_cast<std::uint32_t>((7919 * rank + 13) % count);
}
/// The functions come in pairs.
inline std::uint32_t isomorph_of(std::size_t rank) { return index_of(rank) & ~1u; }

inline int choice_sum(const Encoding& code) {
  int sum = 0;
  for (const std::uint8_t choice : code) sum += choice;
  return sum;
}

/// Sizes are those of the networks. 12-epoch validation of c10v is 30 + 2 * the sum of choices, its
/// 200-epoch validation 40 + the sum, the CIFAR-10 test accuracy 90 + choice 0; training takes 1000
/// simulated seconds and 100 more for each unit of the sum. The others differ everywhere.
inline double value(std::size_t rank, Column column) {
  const Encoding code = tepui::space::unrank<Space>(rank);
  switch (column) {
    case Column::params:
      return static_cast<double>(tepui::cost_of<Space>(code).params);
    case Column::flops:
      return static_cast<double>(tepui::cost_of<Space>(code).macs);
    case Column::c10v_valid_12:
      return 30 + 2 * choice_sum(code);
    case Column::c10v_valid_200:
      return 40 + choice_sum(code);
    case Column::c10_test_200:
      return 90 + code[0];
    case Column::c10v_train_seconds_200:
      return 1000 + 100 * choice_sum(code);
    default:
      return static_cast<double>((rank * 748'391 + static_cast<std::size_t>(column) * 31'337) %
                                 1'000'000) /
             10'000;
  }
}

using Rows = std::vector<std::vector<std::string>>;

inline std::vector<std::string> columns() {
  std::vector<std::string> names{"index", "arch", "isomorph"};
  for (std::size_t c = 0; c < tepui::tabular::column_count; ++c) {
    names.emplace_back(tepui::enum_name(static_cast<Column>(c)));
  }
  return names;
}

/// The cells of every row, in the order of the ranks, below the names of the columns.
inline Rows cells() {
  Rows rows{columns()};
  for (std::size_t rank = 0; rank < count; ++rank) {
    auto& row = rows.emplace_back();
    row = {std::to_string(index_of(rank)), Space::print(tepui::space::unrank<Space>(rank)),
           std::to_string(isomorph_of(rank))};
    for (std::size_t c = 0; c < tepui::tabular::column_count; ++c) {
      row.push_back(tepui::io::shortest(value(rank, static_cast<Column>(c))));
    }
  }
  return rows;
}

inline std::string csv(const Rows& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) text += (c > 0 ? "," : "") + row[c];
    text += '\n';
  }
  return text;
}

inline std::vector<std::uint8_t> gzip(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib could not be started");
  }
  std::vector<std::uint8_t> packed(deflateBound(&stream, static_cast<uLong>(text.size())));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib did not finish");
  return packed;
}

/// The table packed, and converted; made once a program, and removed at its end.
inline const std::filesystem::path& packed() {
  static const tepui::testing_support::TemporaryDirectory directory;
  static const auto path = directory.file("table.csv.gz", gzip(csv(cells())));
  return path;
}
inline const std::filesystem::path& binary() {
  static const std::filesystem::path path = [] {
    const auto beside = packed().parent_path() / "table.bin";
    tepui::tabular::convert(packed(), beside);
    return beside;
  }();
  return path;
}
inline const tepui::tabular::NasBench201Table& table() {
  static const auto opened = tepui::tabular::NasBench201Table::open(binary());
  return opened;
}

}  // namespace made_up
