#include "tepui/data/npy.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "data_files.hpp"
#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;
using namespace tepui::testing_support;
using Bytes = std::vector<std::uint8_t>;

constexpr Shape tiny{2, 1, 3};
constexpr Shape grey{1, 2, 3};

Bytes npy_file(const std::string& type, const std::string& shape, const Bytes& data,
               const std::string& order = "False", std::uint8_t version = 1) {
  std::string text =
      "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  while ((text.size() + 11) % 64 != 0) text += ' ';
  text += '\n';
  Bytes bytes{0x93, 'N', 'U', 'M', 'P', 'Y', version, 0};
  bytes.push_back(static_cast<std::uint8_t>(text.size() % 256));
  bytes.push_back(static_cast<std::uint8_t>(text.size() / 256));
  if (version > 1) bytes.insert(bytes.end(), 2, 0);
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

template <class Number>
Bytes bytes_of(const std::vector<Number>& numbers) {
  Bytes bytes(numbers.size() * sizeof(Number));
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

Bytes counting(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const auto& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "no '" << part << "' in: " << message;
  }
}

class Npy : public testing::Test {
 protected:
  template <Shape S = tiny>
  Bytes images(const Bytes& file) const {
    return load_npy_images<S>(directory.file("x.npy", file));
  }
  std::vector<std::uint16_t> labels(const Bytes& file) const {
    return load_npy_labels(directory.file("y.npy", file), 10);
  }
  std::string image_failure(const Bytes& file) const {
    return message_of<DataError>([&] { (void)images(file); });
  }
  std::string label_failure(const Bytes& file) const {
    return message_of<DataError>([&] { (void)labels(file); });
  }
  TemporaryDirectory directory;
};

TEST_F(Npy, ReadsBytesOfEveryVersion) {
  for (std::uint8_t version = 1; version <= 3; ++version) {
    EXPECT_EQ(images(npy_file("|u1", "(2, 1, 3, 2)", counting(12), "False", version)),
              counting(12));
  }
  EXPECT_EQ(images<grey>(npy_file("|u1", "(2, 2, 3)", counting(12))), counting(12));
  EXPECT_EQ(images<grey>(npy_file("|u1", "(2, 2, 3, 1)", counting(12))), counting(12));
}

TEST_F(Npy, ScalesFloatsAndRounds) {
  const std::vector<float> floats{0.0f, 1.0f, 0.5f, 0.1f, 1.0f / 255, 0.001f};
  const Bytes expected{0, 255, 128, 26, 1, 0};
  EXPECT_EQ(images(npy_file("<f4", "(1, 1, 3, 2)", bytes_of(floats))), expected);
  const std::vector<double> doubles{0.0, 1.0, 0.5, 0.1, 1.0 / 255, 0.001};
  EXPECT_EQ(images(npy_file("<f8", "(1, 1, 3, 2)", bytes_of(doubles))), expected);
}

TEST_F(Npy, RefusesFloatsThatAreNoPixels) {
  std::vector<float> values(12, 0.5f);
  values[3] = 1.5f;
  expect_parts(image_failure(npy_file("<f4", "(2, 1, 3, 2)", bytes_of(values))),
               {"at byte 140", "from 0 to 1", "found 1.5"});  // 128 + 3 * 4
  values[3] = std::numeric_limits<float>::quiet_NaN();
  expect_parts(image_failure(npy_file("<f4", "(2, 1, 3, 2)", bytes_of(values))),
               {"at byte 140", "nan"});
}

TEST_F(Npy, ReadsLabelsOfEveryIntegerType) {
  const std::vector<std::uint16_t> expected{9, 0, 4};
  EXPECT_EQ(labels(npy_file("|u1", "(3,)", {9, 0, 4})), expected);
  EXPECT_EQ(labels(npy_file("|i1", "(3,)", {9, 0, 4})), expected);
  EXPECT_EQ(labels(npy_file("<i2", "(3,)", bytes_of<std::int16_t>({9, 0, 4}))), expected);
  EXPECT_EQ(labels(npy_file("<u2", "(3,)", bytes_of<std::uint16_t>({9, 0, 4}))), expected);
  EXPECT_EQ(labels(npy_file("<i4", "(3, 1)", bytes_of<std::int32_t>({9, 0, 4}))), expected);
  EXPECT_EQ(labels(npy_file("<u4", "(3,)", bytes_of<std::uint32_t>({9, 0, 4}))), expected);
  EXPECT_EQ(labels(npy_file("<i8", "(3,)", bytes_of<std::int64_t>({9, 0, 4}))), expected);
  EXPECT_EQ(labels(npy_file("<u8", "(3,)", bytes_of<std::uint64_t>({9, 0, 4}))), expected);
}

TEST_F(Npy, SaysWhichLabelIsWrong) {
  expect_parts(label_failure(npy_file("<i4", "(3,)", bytes_of<std::int32_t>({1, 10, 2}))),
               {"at byte 132", "label of item 1", "0 to 9", "found 10"});
  expect_parts(label_failure(npy_file("<i4", "(3,)", bytes_of<std::int32_t>({1, 2, -1}))),
               {"at byte 136", "label of item 2", "negative"});
  expect_parts(label_failure(npy_file("<f4", "(1,)", Bytes(4))), {"<f4", "no labels"});
  expect_parts(label_failure(npy_file(">i4", "(1,)", Bytes(4))), {">i4", "astype('<i8')"});
  expect_parts(label_failure(npy_file("|u1", "(2, 3)", Bytes(6))), {"one dimension"});
}

TEST_F(Npy, SaysWhereAFileIsDamaged) {
  const auto whole = npy_file("|u1", "(2, 1, 3, 2)", counting(12));
  expect_parts(image_failure({}), {"x.npy", "empty"});
  expect_parts(image_failure({0x93, 'N'}), {"at byte 0", "2 bytes later"});
  auto bytes = whole;
  bytes[1] = 'M';
  expect_parts(image_failure(bytes), {"at byte 0", "no .npy file"});
  bytes = whole;
  bytes[6] = 9;
  expect_parts(image_failure(bytes), {"at byte 6", "found 9"});
  bytes = whole;
  bytes.resize(50);
  expect_parts(image_failure(bytes), {"at byte 10", "the header (118 bytes)", "40 bytes later"});
  bytes = whole;
  bytes.resize(bytes.size() - 2);
  expect_parts(image_failure(bytes), {"at byte 134", "item 1 of 2 (6 bytes)", "4 bytes later"});
  bytes = whole;
  bytes.push_back(0);
  expect_parts(image_failure(bytes), {"at byte 140", "1 more bytes"});
  expect_parts(image_failure(npy_file("|u1", "(2, x)", {})), {"at byte 64", "whole number"});
  expect_parts(image_failure(npy_file("|u1", "7", {})), {"at byte", "a shape such as"});
  expect_parts(image_failure(npy_file("|u1", "(2, 1, 3, 2)", counting(12), "Maybe")),
               {"True or False"});
}

TEST_F(Npy, RefusesArraysOfAnotherKind) {
  expect_parts(image_failure(npy_file("|u1", "(2, 2, 1, 3)", counting(12))),
               {"shape (2, 2, 1, 3)", "(N, 1, 3, 2) is needed", "transpose"});
  expect_parts(image_failure(npy_file("|u1", "(2, 6)", counting(12))), {"shape (2, 6)"});
  expect_parts(image_failure(npy_file("<i4", "(2, 1, 3, 2)", Bytes(48))), {"<i4", "no pixels"});
  expect_parts(image_failure(npy_file("|u1", "(2, 1, 3, 2)", counting(12), "True")),
               {"Fortran order", "ascontiguousarray"});
  expect_parts(image_failure(npy_file("|u1", "(0, 1, 3, 2)", {})), {"empty"});
}

TEST_F(Npy, LoadsADataSetAndComparesCounts) {
  const auto x = directory.file("x.npy", npy_file("|u1", "(2, 1, 3, 2)", counting(12)));
  const auto y = directory.file("y.npy", npy_file("<i8", "(2,)", bytes_of<std::int64_t>({3, 1})));
  const auto z = directory.file("z.npy", npy_file("|u1", "(3,)", {1, 2, 3}));
  const auto data = npy_dataset<tiny, 4>("mine", {x, y, x, y});
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{3, 1}));
  EXPECT_EQ(data.test.image(1)[0], 6);
  expect_parts(message_of<DataError>([&] {
                 (void)npy_dataset<tiny, 4>("mine", {x, z, x, y});
               }),
               {"has 2 images", "has 3 labels"});
  const auto missing = directory.path() / "no";
  EXPECT_THROW((void)(npy_dataset<tiny, 4>("mine", {missing, y, x, y})), FileError);
}

}  // namespace
