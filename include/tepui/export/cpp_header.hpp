#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/export/detail/type_layout.hpp"
#include "tepui/export/number.hpp"
#include "tepui/version.hpp"

/// @file
/// The winner of a search as a C++ header: its architecture as a type, and how to load its weights.

namespace tepui::io {

/// @brief What a generated header says beside the architecture.
struct HeaderOptions {
  std::string name = "winner";         ///< namespace of what the header declares
  std::string space;                   ///< name of the search space; empty: not mentioned
  std::string encoding;                ///< the choices, for example "3.3.1.0.2.4"
  Cost cost;                           ///< for one image; left at zero, the architecture is asked
  cost::Rule rule = cost::Rule::f201;  ///< how `cost.macs` was counted
  std::uint64_t seed = 0;              ///< of the search
  /// More lines for the comment, as pairs of name and text.
  std::vector<std::pair<std::string, std::string>> notes;
  /// What the network was trained on: (value / 255 - mean) / deviation for each channel; empty: the
  /// header does not mention it.
  std::vector<double> mean, deviation;
  /// Headers that define layers from outside the library, as they are to be included.
  std::vector<std::string> includes;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("name", self.name);
    visitor("space", self.space);
    visitor("encoding", self.encoding);
    visitor("rule", self.rule);
    visitor("seed", self.seed);
    visitor("mean", self.mean);
    visitor("deviation", self.deviation);
    visitor("includes", self.includes);
  }
};

namespace detail {

inline constexpr std::size_t header_width = 98;

/// Refuses what would not compile as the name of a namespace.
inline void check_namespace(std::string_view name) {
  constexpr std::array<std::string_view, 6> taken{"tepui",     "std",      "class",
                                                  "namespace", "template", "export"};
  const bool letters = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                       std::all_of(name.begin(), name.end(), tepui::detail::is_name_character);
  if (!letters || std::find(taken.begin(), taken.end(), name) != taken.end()) {
    throw SettingError("architecture header: '" + std::string(name) +
                       "' cannot be the name of a namespace; use letters, digits and underscores, "
                       "for example 'winner'");
  }
}

/// One "//   name      text" line; what could end the comment early is taken out.
inline void append_note(std::string& out, std::string_view name, std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\') c = ' ';
  }
  std::string label(name);
  label.resize(std::max<std::size_t>(label.size() + 1, 12), ' ');
  out += "//   " + label + clean + "\n";
}

[[nodiscard]] inline std::string provenance(const HeaderOptions& options) {
  std::string out = "// Written by Tepui " + std::string(version_string) +
                    "; write it again rather than change it.\n//\n";
  if (!options.space.empty()) append_note(out, "space", options.space);
  if (!options.encoding.empty()) append_note(out, "encoding", options.encoding);
  append_note(out, "parameters", std::to_string(options.cost.params));
  append_note(out, "MACs",
              std::to_string(options.cost.macs) + " for one image (rule " +
                  std::string(enum_name(options.rule)) + ")");
  append_note(out, "activations", std::to_string(options.cost.activations) + " for one image");
  append_note(out, "seed", std::to_string(options.seed));
  for (const auto& [name, text] : options.notes) append_note(out, name, text);
  return out;
}

/// The only place that says how the network is made and its weights are read.
[[nodiscard]] inline std::string load_function(std::string_view scalar) {
  return "using Network = tepui::nn::Model<Architecture, " + std::string(scalar) +
         ">;\n"
         "\n"
         "/// @param path      the weights, as saved beside this header\n"
         "/// @param max_batch most images in one call\n"
         "/// @throws tepui::FileError if they cannot be read, tepui::DataError if they are damaged"
         " or\n"
         "///         of another architecture\n"
         "[[nodiscard]] inline Network load(const std::filesystem::path& path, int max_batch = 1)"
         " {\n"
         "  Network network(max_batch);\n"
         "  tepui::io::load_parameters(path, network);\n"
         "  return network;\n"
         "}\n";
}

}  // namespace detail

/// @brief As architecture_header, from the spelling of the architecture.
/// @param architecture fully qualified, as type_name gives it
/// @param scalar       "float" or "double"
/// @param parameters   learnable scalars, which the header then checks; 0: it does not
[[nodiscard]] inline std::string header_text(std::string_view architecture, std::string_view scalar,
                                             const HeaderOptions& options,
                                             std::size_t parameters = 0) {
  detail::check_namespace(options.name);
  if (options.mean.size() != options.deviation.size()) {
    throw SettingError("architecture header: " + std::to_string(options.mean.size()) +
                       " means but " + std::to_string(options.deviation.size()) + " deviations");
  }
  for (std::size_t c = 0; c < options.mean.size(); ++c) {
    if (!(options.mean[c] - options.mean[c] == 0) || !(options.deviation[c] > 0) ||
        !(options.deviation[c] - options.deviation[c] == 0)) {
      throw SettingError("architecture header: channel " + std::to_string(c) +
                         " needs a finite mean and a positive deviation, got " +
                         shortest(options.mean[c]) + " and " + shortest(options.deviation[c]));
    }
  }
  std::string out = "// clang-format off\n";
  out += detail::provenance(options);
  out += "\n#pragma once\n\n";
  if (!options.mean.empty()) out += "#include <array>\n";
  out += "#include <filesystem>\n\n#include \"tepui/embed.hpp\"\n";
  for (const std::string& include : options.includes) {
    if (include.find_first_of("\"\n\r") != std::string::npos) {
      throw SettingError("architecture header: '" + include + "' is not the path of a header");
    }
    out += "#include \"" + include + "\"\n";
  }
  out += "\nnamespace " + options.name + " {\n\nusing Architecture =\n    ";
  out += detail::lay_out_type(detail::pasteable(architecture), 4, detail::header_width) + ";\n";
  if (parameters > 0) {
    out += "static_assert(Architecture::parameters == " + std::to_string(parameters) +
           ",\n              \"this version of the library builds the architecture differently\");"
           "\n";
  }
  out += "\n";
  if (!options.mean.empty()) {
    const std::string type =
        "inline constexpr std::array<double, " + std::to_string(options.mean.size()) + "> ";
    const auto list = [](std::span<const double> values) {
      std::string text;
      for (const double value : values) text += (text.empty() ? "" : ", ") + shortest(value);
      return text;
    };
    out += "/// The network wants (value / 255 - mean) / deviation, for each channel.\n";
    out += type + "mean{" + list(options.mean) + "};\n";
    out += type + "deviation{" + list(options.deviation) + "};\n\n";
  }
  out += detail::load_function(scalar);
  return out + "\n}  // namespace " + options.name + "\n";
}

/// @brief The text of a header with which another program uses an architecture.
///
/// The header declares, in its own namespace, `Architecture`, `Network` (with memory for weights),
/// `load(path, max_batch)`, and `mean` and `deviation` if they are given. It includes
/// "tepui/embed.hpp", the half of the library without the search, and `options.includes`.
/// @tparam Architecture an nn::Network   @tparam T element type of the weights
/// @throws SettingError if a layer has no name that another file could use (anonymous namespace,
///         local type), or if an option does not make sense
template <class Architecture, class T = float>
[[nodiscard]] std::string architecture_header(const HeaderOptions& options = {}) {
  HeaderOptions filled = options;
  if constexpr (requires { Architecture::cost(cost::Query{}); }) {
    if (filled.cost == Cost{}) filled.cost = Architecture::cost(cost::Query{.rule = options.rule});
  }
  std::size_t parameters = 0;
  if constexpr (requires { std::size_t{Architecture::parameters}; }) {
    parameters = Architecture::parameters;
  }
  return header_text(type_name<Architecture>(), type_name<T>(), filled, parameters);
}

/// @brief Writes architecture_header to a file.
/// @throws FileError if it cannot be written   @throws SettingError as architecture_header
template <class Architecture, class T = float>
void write_architecture_header(const std::filesystem::path& path,
                               const HeaderOptions& options = {}) {
  write_file_atomically(path, architecture_header<Architecture, T>(options));
}

}  // namespace tepui::io
