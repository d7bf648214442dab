#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/types.hpp"
#include "tepui/export/detail/nearest_name.hpp"
#include "tepui/export/number.hpp"

/// @file
/// Options of policies as JSON and back, by the names that their `visit` gives.
///
/// | C++ | JSON |
/// |---|---|
/// | bool, integers, text, path | boolean, number, string |
/// | float, double | number; "inf", "-inf" and "nan" as strings, because JSON has no such numbers |
/// | scoped enumeration | name of the enumerator; its number where it has none |
/// | optional | null or the value |
/// | vector, array and other ranges | array |
/// | struct with `visit`, empty struct | object, in the order of `visit` |

namespace tepui::io {

/// JSON whose objects keep the order in which they were filled.
using Json = nlohmann::ordered_json;

namespace detail {

struct AnyVisitor {
  template <class V>
  void operator()(std::string_view, V&&) const {}
};
template <class T>
concept Visitable = requires(T& options, AnyVisitor visitor) {
  T::visit(options, visitor);
};
template <class T>
concept Range = requires(const T& range) {
  range.begin();
  range.end();
  range.size();
};
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
concept Growable = requires(T& list, typename T::value_type value) {
  list.push_back(std::move(value));
  list.clear();
};
template <class T>
concept Text = std::convertible_to<const T&, std::string_view>;

/// A float has fewer digits than the double of the same value: 0.1f becomes 0.1 where that reads
/// back as the same float.
template <std::floating_point T>
[[nodiscard]] double widened(T value) {
  if constexpr (sizeof(T) < sizeof(double)) {
    double pretty = 0;
    if (parse_number(shortest(value), pretty) &&
        std::abs(pretty) <= std::numeric_limits<T>::max() && static_cast<T>(pretty) == value) {
      return pretty;
    }
  }
  return static_cast<double>(value);
}

template <class T>
[[nodiscard]] Json json_of(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value;
  } else if constexpr (std::floating_point<T>) {
    if (!(value - value == 0)) return shortest(value);
    return widened(value);
  } else if constexpr (std::integral<T>) {
    if constexpr (std::is_signed_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<std::uint64_t>(value);
    }
  } else if constexpr (std::is_enum_v<T>) {
    if constexpr (ScopedEnum<T>) {
      if (const std::string_view name = enum_name(value); !name.empty()) return std::string(name);
    }
    return json_of(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return value.string();
  } else if constexpr (Text<T>) {
    return std::string(std::string_view(value));
  } else if constexpr (is_optional<T>) {
    return value ? json_of(*value) : Json(nullptr);
  } else if constexpr (Visitable<const T>) {
    Json object = Json::object();
    T::visit(value, [&](std::string_view name, const auto& member) {
      object[std::string(name)] = json_of(member);
    });
    return object;
  } else if constexpr (Range<T>) {
    Json array = Json::array();
    for (const auto& element : value) {
      if constexpr (std::is_same_v<T, std::vector<bool>>) {
        array.push_back(static_cast<bool>(element));
      } else {
        array.push_back(json_of(element));
      }
    }
    return array;
  } else if constexpr (std::is_empty_v<T>) {
    return Json::object();
  } else {
    static_assert(dependent_false<T>,
                  "json: this type has no JSON form; give it a static visit(self, visitor) that "
                  "names its members, see the table in tepui/export/json.hpp");
  }
}

/// The wrong kind of value, said for people.
template <class J>
[[noreturn]] void wrong_kind(const std::string& path, const char* expected, const J& found) {
  std::string text = found.dump(-1, ' ', false, J::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  throw SettingError("setting '" + path + "': expected " + expected + ", found " + text);
}

template <class T>
void set_from_json(const Json& json, T& value, const std::string& path);

template <class T>
void set_integer(const Json& json, T& value, const std::string& path) {
  if (!json.is_number_integer()) wrong_kind(path, "a whole number", json);
  const auto check = [&](auto number) {
    if (!std::in_range<T>(number)) {
      throw SettingError("setting '" + path + "': " + json.dump() + " is outside of " +
                         std::to_string(std::numeric_limits<T>::min()) + " to " +
                         std::to_string(std::numeric_limits<T>::max()));
    }
    value = static_cast<T>(number);
  };
  if (json.is_number_unsigned()) {
    check(json.template get<std::uint64_t>());
  } else {
    check(json.template get<std::int64_t>());
  }
}

template <class E>
void set_enum(const Json& json, E& value, const std::string& path) {
  if constexpr (ScopedEnum<E>) {
    if (json.is_string()) {
      const auto text = json.template get<std::string>();
      std::vector<std::string> names;
      for (std::size_t i = 0; i < enum_name_limit; ++i) {
        if (enum_names<E>[i].empty()) continue;
        if (enum_names<E>[i] == text) {
          value = static_cast<E>(i);
          return;
        }
        names.emplace_back(enum_names<E>[i]);
      }
      throw SettingError("setting '" + path + "': there is no '" + text + "'" +
                         advice(text, names));
    }
  }
  std::underlying_type_t<E> number{};
  if (!json.is_number_integer()) wrong_kind(path, "the name of an option", json);
  set_integer(json, number, path);
  if constexpr (ScopedEnum<E>) {
    if (enum_name(static_cast<E>(number)).empty()) {
      wrong_kind(path, "the name of an option", json);
    }
  }
  value = static_cast<E>(number);
}

template <class T>
void set_members(const Json& json, T& value, const std::string& path) {
  if (!json.is_object()) wrong_kind(path.empty() ? "(all)" : path, "an object", json);
  std::vector<std::string> names;
  if constexpr (Visitable<T>) {
    T::visit(value, [&](std::string_view name, auto&) { names.emplace_back(name); });
  }
  for (const auto& [key, unused] : json.items()) {
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      throw SettingError("there is no setting '" + (path.empty() ? key : path + "." + key) + "'" +
                         advice(key, names));
    }
  }
  if constexpr (Visitable<T>) {
    T::visit(value, [&](std::string_view name, auto& member) {
      const auto found = json.find(std::string(name));
      if (found == json.end()) return;
      set_from_json(*found, member, (path.empty() ? "" : path + ".") + std::string(name));
    });
  }
}

template <class T>
void set_range(const Json& json, T& value, const std::string& path) {
  if (!json.is_array()) wrong_kind(path, "a list", json);
  const auto place = [&](std::size_t i) { return path + "[" + std::to_string(i) + "]"; };
  if constexpr (Growable<T>) {
    value.clear();
    for (std::size_t i = 0; i < json.size(); ++i) {
      typename T::value_type element{};
      set_from_json(json[i], element, place(i));
      value.push_back(std::move(element));
    }
  } else {
    if (json.size() != value.size()) {
      throw SettingError("setting '" + path + "': expected a list of " +
                         std::to_string(value.size()) + ", found " + std::to_string(json.size()));
    }
    for (std::size_t i = 0; i < value.size(); ++i) set_from_json(json[i], value[i], place(i));
  }
}

template <class T>
void set_from_json(const Json& json, T& value, const std::string& path) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) wrong_kind(path, "true or false", json);
    value = json.template get<bool>();
  } else if constexpr (std::floating_point<T>) {
    double number = 0;
    if (json.is_number()) {
      number = json.template get<double>();
    } else if (!json.is_string() || !parse_number(json.template get<std::string>(), number)) {
      wrong_kind(path, "a number", json);
    }
    if (number - number == 0 && std::abs(number) > std::numeric_limits<T>::max()) {
      wrong_kind(path, "a number that a float can hold", json);
    }
    value = static_cast<T>(number);
  } else if constexpr (std::integral<T>) {
    set_integer(json, value, path);
  } else if constexpr (std::is_enum_v<T>) {
    set_enum(json, value, path);
  } else if constexpr (std::is_same_v<T, std::filesystem::path> || std::is_same_v<T, std::string>) {
    if (!json.is_string()) wrong_kind(path, "a text", json);
    value = json.template get<std::string>();
  } else if constexpr (is_optional<T>) {
    if (json.is_null()) {
      value.reset();
      return;
    }
    typename T::value_type inner = value ? *value : typename T::value_type{};
    set_from_json(json, inner, path);
    value = std::move(inner);
  } else if constexpr (Visitable<T> || (std::is_empty_v<T> && !Range<T>)) {
    set_members(json, value, path);
  } else if constexpr (Range<T>) {
    set_range(json, value, path);
  } else {
    static_assert(dependent_false<T>,
                  "json: this type cannot be set from JSON; give it a static visit(self, visitor) "
                  "that names its members, see the table in tepui/export/json.hpp");
  }
}

template <class J>
void append_json(std::string& out, const J& json, std::size_t indent) {
  const auto nested = [](const J& j) { return j.is_structured() && !j.empty(); };
  if (json.is_number_float()) {
    const auto value = json.template get<double>();
    std::string text = shortest(value);
    if (!(value - value == 0)) text = '"' + text + '"';
    if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
    out += text;
  } else if (json.is_array() && std::none_of(json.begin(), json.end(), nested)) {
    out += '[';
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (i > 0) out += ", ";
      append_json(out, json[i], indent);
    }
    out += ']';
  } else if (nested(json)) {
    const std::string margin(indent + 2, ' ');
    out += json.is_object() ? '{' : '[';
    bool first = true;
    for (const auto& [key, value] : json.items()) {
      out += first ? "\n" : ",\n";
      first = false;
      out += margin;
      if (json.is_object()) {
        out += J(key).dump(-1, ' ', false, J::error_handler_t::replace) + ": ";
      }
      append_json(out, value, indent + 2);
    }
    out += '\n' + std::string(indent, ' ') + (json.is_object() ? '}' : ']');
  } else {
    out += json.dump(-1, ' ', false, J::error_handler_t::replace);
  }
}

}  // namespace detail

/// Options with members that `visit` names.
template <class T>
concept Recordable = detail::Visitable<T> || std::is_empty_v<T>;

/// @brief All settings of an options struct, nested ones included, in the order of its `visit`.
template <Recordable T>
[[nodiscard]] Json to_json(const T& options) {
  return detail::json_of(options);
}

/// @brief Sets members by name; members that `json` does not mention stay as they are.
/// @throws SettingError if a name is unknown (with the nearest known one), a value of the wrong
/// kind
///         or out of the range of its type; then nothing has changed
template <Recordable T>
void from_json(const Json& json, T& options) {
  T changed = options;
  detail::set_members(json, changed, "");
  options = std::move(changed);
}

// Templates, so that only programs that write or read JSON compile its printer and its parser,
// which take longer than all else that comes with an include of the library.

/// @brief JSON as text: two spaces a level, lists of plain values on one line, numbers shortest;
/// numbers that JSON has not ("inf", "nan") become strings.
template <class J = Json>
[[nodiscard]] std::string dump(const std::type_identity_t<J>& json) {
  std::string text;
  detail::append_json(text, json, 0);
  return text + "\n";
}

/// @throws DataError if the text is not JSON, with the place   @param name how messages call it
template <class J = Json>
[[nodiscard]] J parse_json(std::string_view text, const std::string& name = "json") {
  try {
    return J::parse(text);
  } catch (const typename J::parse_error& error) {
    throw DataError(name + ", byte " + std::to_string(error.byte) + ": not JSON (" + error.what() +
                    ")");
  } catch (const typename J::exception& error) {  // a number beyond every double
    throw DataError(name + ": not usable JSON (" + error.what() + ")");
  }
}

/// @throws FileError if it cannot be written
template <class J = Json>
void write_json(const std::filesystem::path& path, const std::type_identity_t<J>& json) {
  write_file_atomically(path, dump<J>(json));
}

/// @throws FileError if it cannot be read   @throws DataError as parse_json
template <class J = Json>
[[nodiscard]] J read_json(const std::filesystem::path& path) {
  return parse_json<J>(read_text(path), path.string());
}

}  // namespace tepui::io
