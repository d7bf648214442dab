#include "tepui/export/json.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/optim/sgd.hpp"
#include "tepui/space/encoding.hpp"

namespace {

using tepui::DataError;
using tepui::SettingError;
using tepui::io::dump;
using tepui::io::from_json;
using tepui::io::Json;
using tepui::io::parse_json;
using tepui::io::to_json;

enum class Color { red, dark_green };

struct Inner {
  double rho = 0.05;
  bool adaptive = false;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("rho", self.rho);
    visitor("adaptive", self.adaptive);
  }
  friend bool operator==(const Inner&, const Inner&) = default;
};

struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};

struct Options {
  int steps = -3;
  std::uint64_t seed = 18446744073709551615u;
  std::uint8_t small = 200;
  float rate = 0.1f;
  double tiny = 1e-300;
  std::string label = "a \"b\"";
  Color color = Color::dark_green;
  std::vector<double> sigmas{0.5, 1.0};
  std::array<int, 2> pair{1, 2};
  std::vector<bool> flags{true, false};
  std::optional<int> limit;
  std::optional<Inner> extra = Inner{};
  std::vector<Inner> many{{0.25, true}, {}};
  tepui::Encoding<3> encoding{{2, 0, 1}};
  Nothing nothing;
  Inner base;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("steps", self.steps);
    visitor("seed", self.seed);
    visitor("small", self.small);
    visitor("rate", self.rate);
    visitor("tiny", self.tiny);
    visitor("label", self.label);
    visitor("color", self.color);
    visitor("sigmas", self.sigmas);
    visitor("pair", self.pair);
    visitor("flags", self.flags);
    visitor("limit", self.limit);
    visitor("extra", self.extra);
    visitor("many", self.many);
    visitor("encoding", self.encoding);
    visitor("nothing", self.nothing);
    visitor("base", self.base);
  }
  friend bool operator==(const Options&, const Options&) = default;
};

constexpr std::string_view expected = R"({
  "steps": -3,
  "seed": 18446744073709551615,
  "small": 200,
  "rate": 0.1,
  "tiny": 1e-300,
  "label": "a \"b\"",
  "color": "dark_green",
  "sigmas": [0.5, 1.0],
  "pair": [1, 2],
  "flags": [true, false],
  "limit": null,
  "extra": {
    "rho": 0.05,
    "adaptive": false
  },
  "many": [
    {
      "rho": 0.25,
      "adaptive": true
    },
    {
      "rho": 0.05,
      "adaptive": false
    }
  ],
  "encoding": [2, 0, 1],
  "nothing": {},
  "base": {
    "rho": 0.05,
    "adaptive": false
  }
}
)";

TEST(Json, OptionsKeepOrderAndKind) { EXPECT_EQ(dump(to_json(Options{})), expected); }

TEST(Json, OptionsComeBackThroughText) {
  Options options;
  options.steps = std::numeric_limits<int>::min();
  options.rate = 0.3f;
  options.tiny = 0.1 + 0.2;
  options.color = Color::red;
  options.sigmas = {};
  options.limit = 7;
  options.extra.reset();
  options.base.rho = std::numeric_limits<double>::infinity();
  Options back;
  from_json(parse_json(dump(to_json(options))), back);
  EXPECT_EQ(back, options);
}

TEST(Json, NotANumberComesBack) {
  Inner inner{std::nan(""), true}, back;
  EXPECT_EQ(to_json(inner)["rho"], "nan");
  from_json(to_json(inner), back);
  EXPECT_TRUE(std::isnan(back.rho));
}

TEST(Json, OnlyMentionedMembersChange) {
  Options options;
  from_json(parse_json(R"({"base": {"rho": 2}, "extra": {"adaptive": true}})"), options);
  EXPECT_EQ(options.base, (Inner{2.0, false}));
  EXPECT_EQ(options.extra, (Inner{0.05, true}));
  options.base = {};
  options.extra = Inner{};
  EXPECT_EQ(options, Options{});
}

TEST(Json, EveryFloatComesBack) {
  for (const float value : {0.1f, 1.0f / 3.0f, 16777216.0f, 3.4028235e38f, 1e-45f, -0.0f}) {
    Options options;
    options.rate = value;
    Options back;
    from_json(parse_json(dump(to_json(options))), back);
    EXPECT_EQ(back.rate, value);
  }
}

std::string complaint(std::string_view text) {
  Options options;
  options.base.rho = 9;
  const Options before = options;
  try {
    from_json(parse_json(text), options);
  } catch (const SettingError& error) {
    EXPECT_EQ(options, before) << "changed in spite of the error";
    return error.what();
  }
  return "no complaint";
}

TEST(Json, UnknownNamesSayTheNearest) {
  EXPECT_EQ(complaint(R"({"steps": 1, "base": {"rh0": 1}})"),
            "there is no setting 'base.rh0'; the nearest is 'rho' (known: rho, adaptive)");
  EXPECT_EQ(complaint(R"({"nothing": {"x": 1}})"),
            "there is no setting 'nothing.x'; there are none here");
  EXPECT_NE(complaint(R"({"colour": "red"})").find("the nearest is 'color'"), std::string::npos);
  EXPECT_EQ(complaint(R"({"color": "darkgreen"})"),
            "setting 'color': there is no 'darkgreen'; the nearest is 'dark_green' (known: red, "
            "dark_green)");
}

TEST(Json, WrongKindsSayWhatWasExpected) {
  EXPECT_EQ(complaint(R"({"steps": 1.5})"), "setting 'steps': expected a whole number, found 1.5");
  EXPECT_EQ(complaint(R"({"steps": 2147483648})"),
            "setting 'steps': 2147483648 is outside of -2147483648 to 2147483647");
  EXPECT_EQ(complaint(R"({"small": -1})"), "setting 'small': -1 is outside of 0 to 255");
  EXPECT_EQ(complaint(R"({"base": {"rho": "much"}})"),
            "setting 'base.rho': expected a number, found \"much\"");
  EXPECT_EQ(complaint(R"({"base": {"adaptive": 1}})"),
            "setting 'base.adaptive': expected true or false, found 1");
  EXPECT_EQ(complaint(R"({"base": 3})"), "setting 'base': expected an object, found 3");
  EXPECT_EQ(complaint(R"({"label": 3})"), "setting 'label': expected a text, found 3");
  EXPECT_EQ(complaint(R"({"sigmas": 3})"), "setting 'sigmas': expected a list, found 3");
  EXPECT_EQ(complaint(R"({"sigmas": [1, true]})"),
            "setting 'sigmas[1]': expected a number, found true");
  EXPECT_EQ(complaint(R"({"pair": [1]})"), "setting 'pair': expected a list of 2, found 1");
  EXPECT_EQ(complaint(R"({"color": 2})"),
            "setting 'color': expected the name of an option, found 2");
  EXPECT_EQ(complaint(R"([1])"), "setting '(all)': expected an object, found [1]");
  EXPECT_EQ(complaint(R"({"color": 1})"), "no complaint");
  EXPECT_EQ(complaint(R"({"rate": 1e39})"),
            "setting 'rate': expected a number that a float can hold, found 1e+39");
  EXPECT_EQ(complaint(R"({"rate": "-inf"})"), "no complaint");
}

TEST(Json, LibraryPoliciesAreRecordable) {
  using Policy = tepui::optim::Sam<tepui::optim::Sgd>;
  Policy policy;
  const Json json = to_json(policy);
  EXPECT_EQ(json["rho"], policy.rho);
  EXPECT_EQ(json["base"]["momentum"], policy.base.momentum);
  from_json(parse_json(R"({"base": {"momentum": 0.125}})"), policy);
  EXPECT_EQ(policy.base.momentum, 0.125);
}

TEST(Json, NumbersAreShortestAndKeepTheirKind) {
  EXPECT_EQ(dump(Json(1.0)), "1.0\n");
  EXPECT_EQ(dump(Json(1)), "1\n");
  EXPECT_EQ(dump(Json(-0.0)), "-0.0\n");
  EXPECT_EQ(dump(Json(1e22)), "1e+22\n");
  EXPECT_EQ(dump(Json(5e-324)), "5e-324\n");
  EXPECT_EQ(dump(Json(-std::numeric_limits<double>::infinity())), "\"-inf\"\n");
  EXPECT_EQ(dump(Json::array()), "[]\n");
  EXPECT_EQ(dump(Json::object()), "{}\n");
  EXPECT_EQ(dump(Json("bad \xFF")), "\"bad \xEF\xBF\xBD\"\n");
}

TEST(Json, DamagedTextIsRefusedWithItsPlace) {
  try {
    (void)parse_json("{\"a\": }", "r.json");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(std::string(error.what()).find("r.json, byte 7: not JSON"), 0u) << error.what();
  }
}

TEST(Json, NumbersBeyondEveryDoubleAreRefused) {
  EXPECT_THROW((void)parse_json("[1e999]"), DataError);
}

TEST(Json, FilesAreWrittenAndRead) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "tepui_json_test.json";
  tepui::io::write_json(path, to_json(Options{}));
  EXPECT_EQ(tepui::io::read_json(path), to_json(Options{}));
  std::filesystem::remove(path);
  EXPECT_THROW((void)tepui::io::read_json(path), tepui::FileError);
}

}  // namespace
