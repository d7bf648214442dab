#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Reads the include lines of a header tree and says which of them break the rules of the house.

namespace tepui_test {

namespace fs = std::filesystem;

/// How high a room is. A header may include its own room and lower ones; rooms of the same height
/// do not see each other.
inline const std::map<std::string, int>& room_heights() {
  static const std::map<std::string, int> heights = {
      {"core", 0},        {"cost", 1},    {"data", 1},      {"backend", 1}, {"nn", 2},
      {"space", 3},       {"optim", 4},   {"flatness", 4},  {"metric", 5},  {"train", 6},
      {"supernet", 7},    {"search", 8},  {"surrogate", 8}, {"export", 8},  {"tabular", 9},
      {"experiment", 10}, {"report", 11}, {"cuda", 8}};
  return heights;
}

/// One `#include` or `#define` line.
struct Line {
  int number = 0;
  std::string text;  ///< what stands after the directive: `"tepui/core/shape.hpp"`, `TEPUI_X 1`
};

/// The lines of a file that start with a directive; blanks around # do not matter.
inline std::vector<Line> lines_with(const fs::path& file, std::string_view directive) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  std::vector<Line> found;
  std::string text;
  for (int number = 1; std::getline(stream, text); ++number) {
    auto skip_blanks = [&text](std::size_t at) {
      while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
      return at;
    };
    std::size_t at = skip_blanks(0);
    if (at >= text.size() || text[at] != '#') continue;
    at = skip_blanks(at + 1);
    if (text.compare(at, directive.size(), directive) != 0) continue;
    at += directive.size();
    const std::size_t after = skip_blanks(at);
    const bool whole_word =
        after > at || (after < text.size() && (text[after] == '"' || text[after] == '<'));
    if (whole_word) found.push_back({number, text.substr(after)});
  }
  return found;
}

/// `"tepui/core/shape.hpp"` or `<vector>` without its delimiters.
inline std::string between_delimiters(const std::string& text) {
  const char close = text.front() == '<' ? '>' : '"';
  return text.substr(1, text.find(close, 1) - 1);
}

/// The room of "tepui/optim/sam.hpp" is "optim"; of "tepui/version.hpp" it is "".
inline std::string room_of(const std::string& header) {
  const std::size_t first = header.find('/');
  const std::size_t second = header.find('/', first + 1);
  return second == std::string::npos ? "" : header.substr(first + 1, second - first - 1);
}

/// Headers beside the rooms are umbrellas, which see every room and which no room sees, except
/// these few, which see no room and which every header may include.
inline bool is_umbrella(const std::string& header) {
  return room_of(header).empty() && header != "tepui/version.hpp" && header != "tepui/config.hpp" &&
         header != "tepui/fwd.hpp";
}

/// @param include_dir the folder that holds tepui/
/// @return one sentence for each line that breaks a rule; empty if none does
inline std::vector<std::string> broken_include_rules(const fs::path& include_dir) {
  std::vector<std::string> problems;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(include_dir)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".hpp" || extension == ".cuh")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());

  const auto& heights = room_heights();
  for (const fs::path& file : files) {
    const std::string header = file.lexically_relative(include_dir).generic_string();
    const std::string room = room_of(header);
    auto complain = [&](const Line& line, const std::string& what) {
      problems.push_back(header + ":" + std::to_string(line.number) + ": " + what);
    };
    if (!room.empty() && !heights.contains(room)) {
      problems.push_back(header + ": the room " + room + " is not in the order of the house");
      continue;
    }
    const auto pragmas = lines_with(file, "pragma");
    if (pragmas.empty() || !pragmas.front().text.starts_with("once")) {
      problems.push_back(header + ": has no #pragma once");
    }
    for (const Line& line : lines_with(file, "define")) {
      if (!line.text.starts_with("TEPUI_")) complain(line, "a macro without TEPUI_: " + line.text);
    }
    for (const Line& line : lines_with(file, "include")) {
      const std::string target = between_delimiters(line.text);
      if (line.text.front() == '<') {
        if (target == "iostream") complain(line, "<iostream> in a header");
        if (target.starts_with("tepui/")) complain(line, "own header in angle brackets");
        continue;
      }
      if (!target.starts_with("tepui/")) {
        complain(line, "\"" + target + "\" is not named from the include folder");
        continue;
      }
      if (!fs::exists(include_dir / target)) complain(line, target + " does not exist");
      if (is_umbrella(header)) continue;
      if (is_umbrella(target)) complain(line, "includes the umbrella " + target);

      const std::string target_room = room_of(target);
      if (target_room.empty()) continue;
      if (room.empty()) {
        complain(line, "a top-level header includes the room " + target_room);
      } else if (const auto found = heights.find(target_room); found == heights.end()) {
        complain(line, "the room " + target_room + " is not in the order of the house");
      } else if (target_room != room && found->second >= heights.at(room)) {
        complain(line, room + " may not include " + target_room);
      }
    }
  }
  return problems;
}

}  // namespace tepui_test
