#include "tepui/export/safetensors.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using tepui::DataError;
using tepui::FileError;
using tepui::SettingError;
using tepui::io::Metadata;
using tepui::io::TensorFile;
using tepui::io::TensorView;

std::vector<std::uint8_t> file_bytes(std::string_view header, std::size_t data_bytes = 0) {
  std::vector<std::uint8_t> bytes(8 + header.size() + data_bytes);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  std::iota(bytes.end() - static_cast<std::ptrdiff_t>(data_bytes), bytes.end(), std::uint8_t{0});
  return bytes;
}

std::string complaint(std::vector<std::uint8_t> bytes) {
  try {
    const TensorFile file(std::move(bytes), "x.safetensors");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no complaint";
}
std::string complaint(std::string_view header, std::size_t data_bytes = 0) {
  return complaint(file_bytes(header, data_bytes));
}
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::uint8_t> written(std::span<const TensorView> tensors, const Metadata& metadata) {
  return tepui::io::safetensors_bytes(tensors, metadata);
}

TEST(Safetensors, BytesAreThoseOfTheFormat) {
  const std::vector<std::uint8_t> values{7, 9};
  const std::vector<TensorView> tensors{
      tepui::io::tensor_view<std::uint8_t>("a", {2}, std::span<const std::uint8_t>(values))};
  const auto bytes = written(tensors, {});
  const std::string_view header = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  ASSERT_EQ(header.size(), 53u);  // padded to 56
  ASSERT_EQ(bytes.size(), 8u + 56u + 2u);
  EXPECT_EQ(bytes[0], 56);
  EXPECT_EQ(bytes[1], 0);
  EXPECT_EQ(std::string(bytes.begin() + 8, bytes.begin() + 64), std::string(header) + "   ");
  EXPECT_EQ(bytes[64], 7);
  EXPECT_EQ(bytes[65], 9);
}

TEST(Safetensors, ElementTypesAreSpelledAsTheFormatDoes) {
  EXPECT_EQ(tepui::io::dtype_of<float>(), "F32");
  EXPECT_EQ(tepui::io::dtype_of<double>(), "F64");
  EXPECT_EQ(tepui::io::dtype_of<bool>(), "BOOL");
  EXPECT_EQ(tepui::io::dtype_of<std::uint8_t>(), "U8");
  EXPECT_EQ(tepui::io::dtype_of<std::int16_t>(), "I16");
  EXPECT_EQ(tepui::io::dtype_of<std::uint32_t>(), "U32");
  EXPECT_EQ(tepui::io::dtype_of<std::int64_t>(), "I64");
}

TEST(Safetensors, EveryBitPatternComesBack) {
  std::vector<float> singles{0.0f, -0.0f, 1e-42f, std::numeric_limits<float>::infinity()};
  singles.push_back(std::bit_cast<float>(0x7FC12345u));  // quiet NaN with a payload
  singles.push_back(std::bit_cast<float>(0xFF800001u));  // signalling NaN
  std::vector<double> doubles{-0.0, std::bit_cast<double>(0x7FF8000000ABCDEFull), 0.1};
  const std::vector<float> none;
  const std::vector<TensorView> tensors{
      tepui::io::tensor_view<float>("layer.weight", {2, 3}, singles),
      tepui::io::tensor_view<double>("statistics", {3}, doubles),
      tepui::io::tensor_view<float>("empty", {0, 4}, none),
      tepui::io::tensor_view<float>("scalar", {}, std::span<const float>(singles).first(1)),
  };
  const TensorFile file(written(tensors, {{"space", "cell \"A\"\n\\"}, {"seed", "7"}}), "x");
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.tensors()[0].name, "layer.weight");
  EXPECT_EQ(file.tensors()[3].name, "scalar");
  EXPECT_EQ(file.tensors()[0].dims, (std::vector<std::int64_t>{2, 3}));
  EXPECT_TRUE(file.tensors()[3].dims.empty());
  EXPECT_EQ(file.metadata(), (Metadata{{"space", "cell \"A\"\n\\"}, {"seed", "7"}}));
  const auto f = file.values<float>("layer.weight");
  ASSERT_EQ(f.size(), singles.size());
  EXPECT_EQ(std::memcmp(f.data(), singles.data(), f.size() * 4), 0);
  const auto d = file.values<double>("statistics");
  ASSERT_EQ(d.size(), doubles.size());
  EXPECT_EQ(std::memcmp(d.data(), doubles.data(), d.size() * 8), 0);
  EXPECT_TRUE(file.values<float>("empty").empty());
}

TEST(Safetensors, ViewsStayValidWhenTheFileIsMoved) {
  const std::vector<float> values{1, 2, 3};
  const std::vector<TensorView> tensors{tepui::io::tensor_view<float>("w", {3}, values)};
  TensorFile first(written(tensors, {}), "x");
  const TensorFile second(std::move(first));
  EXPECT_EQ(second.values<float>("w"), values);
}

TEST(Safetensors, OrderIsThatOfTheBytesNotOfTheHeader) {
  const TensorFile file(file_bytes(R"({"b":{"data_offsets":[1,3],"dtype":"U8","shape":[2]},)"
                                   R"( "__metadata__":{"k":"\u00e9\ud83d\ude00"},)"
                                   R"( "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}  )",
                                   3),
                        "x");
  ASSERT_EQ(file.tensors().size(), 2u);
  EXPECT_EQ(file.tensors()[0].name, "a");
  EXPECT_EQ(file.values<std::uint8_t>("b"), (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(file.metadata().at("k"), "\xC3\xA9\xF0\x9F\x98\x80");
}

TEST(Safetensors, AskingForWhatIsNotThereSaysSo) {
  const TensorFile file(file_bytes(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1),
                        "x.safetensors");
  EXPECT_EQ(file.find("b"), nullptr);
  EXPECT_THROW((void)file.values<float>("a"), DataError);
  try {
    (void)file.values<float>("b");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_TRUE(has(error.what(), "x.safetensors")) << error.what();
    EXPECT_TRUE(has(error.what(), "'b'")) << error.what();
  }
}

TEST(Safetensors, TruncationIsFoundAtEveryLength) {
  const std::vector<float> values{1, 2};
  const std::vector<TensorView> tensors{tepui::io::tensor_view<float>("w", {2}, values)};
  const auto whole = written(tensors, {{"a", "b"}});
  EXPECT_EQ(complaint(whole), "no complaint");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_NE(complaint({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}),
              "no complaint")
        << n;
  }
  auto longer = whole;
  longer.push_back(0);
  EXPECT_TRUE(has(complaint(longer), "1 bytes behind the last tensor")) << complaint(longer);
  EXPECT_TRUE(has(complaint(longer), "byte " + std::to_string(whole.size()) + ":"));
}

TEST(Safetensors, MessagesNameFileAndByte) {
  EXPECT_EQ(complaint(std::vector<std::uint8_t>{1, 2, 3}),
            "safetensors file 'x.safetensors', byte 3: the file ends inside the 8-byte header "
            "length; it is truncated");
  EXPECT_TRUE(has(complaint(R"(["a"])"), "byte 8: the header must begin with '{'"));
  EXPECT_TRUE(has(complaint(R"({"a" 1})"), "byte 13: expected ':', found '1'"));
  auto absurd = file_bytes("{}");
  absurd[7] = 0x7F;
  EXPECT_TRUE(has(complaint(absurd), "above the limit"));
  auto beyond = file_bytes("{}");
  beyond[0] = 3;
  EXPECT_TRUE(has(complaint(beyond), "ends inside the header of 3 bytes"));
}

TEST(Safetensors, OffsetsMustTileTheData) {
  const auto two = [](std::string a, std::string b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
  };
  EXPECT_EQ(complaint(two("[0,4]", "[4,8]"), 8), "no complaint");
  EXPECT_TRUE(has(complaint(two("[0,4]", "[3,7]"), 8), "overlap"));
  EXPECT_TRUE(has(complaint(two("[0,4]", "[0,4]"), 4), "overlap"));
  EXPECT_TRUE(has(complaint(two("[0,4]", "[5,9]"), 9), "leave a gap"));
  EXPECT_TRUE(has(complaint(two("[1,5]", "[5,9]"), 9), "leave a gap"));
  EXPECT_TRUE(has(complaint(two("[0,4]", "[4,8]"), 7), "reach past the end of the 7 bytes"));
  EXPECT_TRUE(has(complaint(two("[0,4]", "[8,4]"), 8), "do not span the 4 bytes"));
  EXPECT_TRUE(has(complaint(two("[0,5]", "[5,9]"), 9), "do not span the 4 bytes of U8 (4)"));
}

TEST(Safetensors, DamagedHeadersAreRefused) {
  const auto entry = [](std::string body) { return "{\"a\":{" + body + "}}"; };
  EXPECT_TRUE(has(complaint(entry(R"("dtype":"F31","shape":[0],"data_offsets":[0,0])")),
                  "unknown dtype 'F31'"));
  EXPECT_TRUE(
      has(complaint(entry(R"("dtype":"F32","shape":[-1],"data_offsets":[0,0])")), "whole number"));
  EXPECT_TRUE(
      has(complaint(entry(R"("dtype":"F32","shape":[1.5],"data_offsets":[0,0])")), "fraction"));
  EXPECT_TRUE(has(complaint(entry(R"("dtype":"F32","shape":[01],"data_offsets":[0,4])"), 4),
                  "leading zero"));
  EXPECT_TRUE(has(complaint(entry(R"("dtype":"F32","shape":[0])")), "needs dtype, shape"));
  EXPECT_TRUE(has(complaint(entry(R"("dtype":"F32","dtype":"F32")")), "there twice"));
  EXPECT_TRUE(has(complaint(entry(R"("colour":"F32")")), "'colour' is unknown"));
  // 2^32 * 2^32 elements would wrap around to zero bytes
  EXPECT_TRUE(
      has(complaint(entry(R"("dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0])")),
          "impossibly many"));
  EXPECT_TRUE(
      has(complaint(entry(R"("dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,0])")),
          "too large"));
  EXPECT_TRUE(has(complaint(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                            R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
                  "'a' is there twice"));
  EXPECT_TRUE(has(complaint(R"({"__metadata__":{"k":1}})"), "expected '\"'"));
  EXPECT_TRUE(has(complaint(R"({"__metadata__":{"k":"1","k":"2"}})"), "metadata 'k'"));
  EXPECT_TRUE(has(complaint("{} x"), "expected the end of the header"));
  EXPECT_TRUE(has(complaint("{\"\xC0\x80\":1}"), "not valid UTF-8"));
  EXPECT_TRUE(has(complaint("{\"\xED\xA0\x80\":1}"), "not valid UTF-8"));
  EXPECT_TRUE(has(complaint(R"({"\ud800x":1})"), "surrogate"));
  EXPECT_TRUE(has(complaint(R"({"\x":1})"), "unknown escape"));
  EXPECT_TRUE(has(complaint("{\"a\nb\":1}"), "control character"));
  EXPECT_TRUE(has(complaint(R"({"a)"), "ends inside this string"));
  EXPECT_EQ(complaint("{}"), "no complaint");
}

TEST(Safetensors, WriterRefusesWhatReadersWould) {
  const std::vector<float> values{1, 2};
  const auto bytes_of = [&](std::vector<TensorView> tensors, Metadata metadata = {}) {
    return tepui::io::safetensors_bytes(tensors, metadata).size();
  };
  const auto view = tepui::io::tensor_view<float>("w", {2}, values);
  EXPECT_GT(bytes_of({view}), 16u);
  EXPECT_THROW(bytes_of({view, view}), SettingError);
  EXPECT_THROW(bytes_of({tepui::io::tensor_view<float>("", {2}, values)}), SettingError);
  EXPECT_THROW(bytes_of({tepui::io::tensor_view<float>("__metadata__", {2}, values)}),
               SettingError);
  EXPECT_THROW(bytes_of({tepui::io::tensor_view<float>("w", {3}, values)}), SettingError);
  EXPECT_THROW(bytes_of({tepui::io::tensor_view<float>("w", {-1, -2}, values)}), SettingError);
  EXPECT_THROW(bytes_of({tepui::io::tensor_view<float>("\xFF", {2}, values)}), SettingError);
  EXPECT_THROW(bytes_of({view}, {{"k", "\xFF"}}), SettingError);
  auto odd = view;
  odd.dtype = "F33";
  EXPECT_THROW(bytes_of({odd}), SettingError);
}

TEST(Safetensors, FilesAreWrittenAndRead) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "tepui_safetensors_test.st";
  const std::vector<double> values{1.5, -2.5};
  const std::vector<TensorView> tensors{tepui::io::tensor_view<double>("w", {1, 2}, values)};
  tepui::io::write_safetensors(path, tensors, {{"seed", "3"}});
  const auto file = tepui::io::read_safetensors(path);
  EXPECT_EQ(file.values<double>("w"), values);
  EXPECT_EQ(file.metadata().at("seed"), "3");
  std::filesystem::remove(path);
  EXPECT_THROW((void)tepui::io::read_safetensors(path), FileError);
}

}  // namespace
