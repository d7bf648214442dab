#include "tepui/export/cpp_header.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

#include "tepui/core/error.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/space/encoding.hpp"

namespace header_test {

struct Relu {};
template <int Channels, int Kernel, bool Bias>
struct Conv {};
template <class... L>
struct Chain {};
template <int From, int To, class Operation>
struct Edge {};
template <char C, tepui::cost::Rule R>
struct Odd {};
template <tepui::Encoding<2> E>
struct Encoded {};
template <tepui::Shape Input, class... L>
struct Net {
  static constexpr std::size_t parameters = 1234;
  static constexpr tepui::Cost cost(const tepui::cost::Query& query) {
    return {1234, query.rule == tepui::cost::Rule::thop ? 99 : 77, 55};
  }
};

}  // namespace header_test

namespace {

using tepui::SettingError;
using tepui::io::architecture_header;
using tepui::io::HeaderOptions;
using tepui::io::detail::lay_out_type;
using tepui::io::detail::pasteable;

struct Hidden {};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}
std::string without_space(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n') out += c;
  }
  return out;
}

// The same characters as a type and as text: what is compared below has been compiled.
#define TEPUI_TYPE_AND_TEXT(Name, ...) \
  using Name = __VA_ARGS__;            \
  constexpr std::string_view Name##_text = #__VA_ARGS__

TEPUI_TYPE_AND_TEXT(
    Long,
    header_test::Net<tepui::Shape{3, 32, 32}, header_test::Conv<16, 3, false>,
                     header_test::Chain<header_test::Relu, header_test::Chain<>,
                                        header_test::Edge<0, -1, header_test::Conv<16, 1, true>>>,
                     header_test::Odd<',', tepui::cost::Rule::thop>,
                     header_test::Odd<'>', tepui::cost::Rule::spos>>);

TEST(CppHeader, SpellingIsTheOneThatWasCompiled) {
  EXPECT_EQ(without_space(pasteable(tepui::type_name<Long>())), without_space(Long_text));
  EXPECT_EQ(without_space(lay_out_type(pasteable(tepui::type_name<Long>()), 0, 20)),
            without_space(Long_text));
}

TEST(CppHeader, LongTypesAreBrokenByNesting) {
  EXPECT_EQ(lay_out_type("A<B, C<D>>", 0, 10), "A<B, C<D>>");
  EXPECT_EQ(lay_out_type("A<B, C<D>>", 0, 9), "A<\n  B,\n  C<D>>");
  EXPECT_EQ(lay_out_type("A<B, C<D, E>, F>", 4, 14),
            "A<\n"
            "      B,\n"
            "      C<D, E>,\n"
            "      F>");
  EXPECT_EQ(lay_out_type("Edge<0, -1, Chain<Relu, Conv<16>>, 2>", 0, 16),
            "Edge<0, -1,\n"
            "  Chain<\n"
            "    Relu,\n"
            "    Conv<16>>,\n"
            "  2>");
  EXPECT_EQ(lay_out_type("A<S{1, 2, 3}, X<'>', 'a'>>::T", 0, 5),
            "A<\n  S{1, 2, 3},\n  X<\n    '>',\n    'a'>>::T");
  EXPECT_EQ(lay_out_type("Plain", 0, 2), "Plain");
  EXPECT_EQ(lay_out_type("Empty<>", 0, 2), "Empty<>");
}

TEST(CppHeader, BareShapesGetTheirNameBack) {
  EXPECT_EQ(pasteable("N<{3, 32, 32}, C<16>>"), "N<tepui::Shape{3, 32, 32}, C<16>>");
  EXPECT_EQ(pasteable("N<tepui::Shape{3, 32, 32}>"), "N<tepui::Shape{3, 32, 32}>");
  EXPECT_EQ(pasteable("N<a::G<2>{{1, 2, 3}, 4}>"), "N<a::G<2>{{1, 2, 3}, 4}>");
  EXPECT_EQ(pasteable("N<'{', \'\\\'\'>"), "N<'{', \'\\\'\'>");
}

TEST(CppHeader, TypesWithoutAUsableNameAreRefused) {
  EXPECT_THROW((void)architecture_header<header_test::Chain<Hidden>>(), SettingError);
  const auto lambda = [] {};
  EXPECT_THROW((void)architecture_header<header_test::Chain<decltype(lambda)>>(), SettingError);
  using Coded = header_test::Encoded<tepui::Encoding<2>{{1, 2}}>;
  EXPECT_THROW((void)architecture_header<Coded>(), SettingError);
  EXPECT_THROW((void)pasteable("N<main()::Local>"), SettingError);
  EXPECT_THROW((void)pasteable("N<{1, 2}>"), SettingError);
  EXPECT_THROW((void)pasteable("N<{{1, 2, 3}}>"), SettingError);
  EXPECT_THROW((void)pasteable("N<{1, 2, x}>"), SettingError);
}

TEST(CppHeader, WholeTextOfASmallOne) {
  using Small = header_test::Net<tepui::Shape{1, 4, 4}, header_test::Relu>;
  HeaderOptions options;
  options.name = "tiny";
  options.space = "Toy";
  options.encoding = "1.0";
  options.rule = tepui::cost::Rule::thop;
  options.seed = 7;
  options.mean = {0.5};
  options.deviation = {0.1};
  options.notes = {{"accuracy", "0.75"}};
  options.includes = {"my/layers.hpp"};
  EXPECT_EQ(architecture_header<Small>(options), "// clang-format off\n// Written by Tepui " +
                                                     std::string(tepui::version_string) +
                                                     R"(; write it again rather than change it.
//
//   space       Toy
//   encoding    1.0
//   parameters  1234
//   MACs        99 for one image (rule thop)
//   activations 55 for one image
//   seed        7
//   accuracy    0.75

#pragma once

#include <array>
#include <filesystem>

#include "tepui/embed.hpp"
#include "my/layers.hpp"

namespace tiny {

using Architecture =
    header_test::Net<tepui::Shape{1, 4, 4}, header_test::Relu>;
static_assert(Architecture::parameters == 1234,
              "this version of the library builds the architecture differently");

/// The network wants (value / 255 - mean) / deviation, for each channel.
inline constexpr std::array<double, 1> mean{0.5};
inline constexpr std::array<double, 1> deviation{0.1};

using Network = tepui::nn::Model<Architecture, float>;

/// @param path      the weights, as saved beside this header
/// @param max_batch most images in one call
/// @throws tepui::FileError if they cannot be read, tepui::DataError if they are damaged or
///         of another architecture
[[nodiscard]] inline Network load(const std::filesystem::path& path, int max_batch = 1) {
  Network network(max_batch);
  tepui::io::load_parameters(path, network);
  return network;
}

}  // namespace tiny
)");
}

TEST(CppHeader, ScalarAndCostsCanBeGiven) {
  using Small = header_test::Net<tepui::Shape{1, 4, 4}, header_test::Relu>;
  HeaderOptions options;
  options.cost = {5, 6, 7};
  const std::string text = architecture_header<Small, double>(options);
  EXPECT_TRUE(has(text, "Model<Architecture, double>"));
  EXPECT_TRUE(has(text, "MACs        6 for one image (rule f201)"));
  EXPECT_TRUE(has(text, "Architecture::parameters == 1234"));
  EXPECT_FALSE(has(text, "#include <array>"));
}

TEST(CppHeader, NotesCannotLeaveTheirLine) {
  HeaderOptions options;
  options.notes = {{"note", "first\nint x;\\"}};
  const std::string text = architecture_header<header_test::Relu>(options);
  EXPECT_TRUE(has(text, "//   note        first int x; \n")) << text;
}

TEST(CppHeader, OptionsThatCannotBeWrittenAreRefused) {
  const auto with = [](auto&& change) {
    HeaderOptions options;
    change(options);
    return architecture_header<header_test::Relu>(options);
  };
  for (const char* name : {"", "9lives", "a b", "a::b", "std", "class"}) {
    EXPECT_THROW(with([&](HeaderOptions& o) { o.name = name; }), SettingError) << name;
  }
  EXPECT_NO_THROW(with([](HeaderOptions& o) { o.name = "best_of_9"; }));
  EXPECT_THROW(with([](HeaderOptions& o) { o.mean = {1}; }), SettingError);
  EXPECT_THROW(with([](HeaderOptions& o) {
                 o.mean = {0.5};
                 o.deviation = {0};
               }),
               SettingError);
  EXPECT_THROW(with([](HeaderOptions& o) {
                 o.mean = {std::numeric_limits<double>::infinity()};
                 o.deviation = {1};
               }),
               SettingError);
  EXPECT_THROW(with([](HeaderOptions& o) { o.includes = {"a\"\n"}; }), SettingError);
}

TEST(CppHeader, FilesAreWritten) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "tepui_cpp_header_test.hpp";
  tepui::io::write_architecture_header<header_test::Relu>(path);
  EXPECT_EQ(tepui::read_text(path), architecture_header<header_test::Relu>());
  std::filesystem::remove(path);
}

}  // namespace
