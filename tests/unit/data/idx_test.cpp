#include "tepui/data/idx.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data_files.hpp"
#include "tepui/core/error.hpp"
#include "tepui/data/split.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;
using namespace tepui::testing_support;
using Bytes = std::vector<std::uint8_t>;

constexpr Shape tiny{1, 2, 3};

/// `count` images of 2 x 3 pixels with the values 0, 1, 2, ...
Bytes images_file(std::uint32_t count, std::uint32_t magic = 2051) {
  Bytes bytes;
  append_big_endian(bytes, magic);
  append_big_endian(bytes, count);
  append_big_endian(bytes, 2);
  append_big_endian(bytes, 3);
  for (std::uint32_t i = 0; i < 6 * count; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  return bytes;
}

Bytes labels_file(const Bytes& labels) {
  Bytes bytes;
  append_big_endian(bytes, 2049);
  append_big_endian(bytes, static_cast<std::uint32_t>(labels.size()));
  bytes.insert(bytes.end(), labels.begin(), labels.end());
  return bytes;
}

Bytes gzipped(const Bytes& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes in = bytes;
  Bytes out(bytes.size() + 200);
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class Idx : public testing::Test {
 protected:
  std::string image_failure(const Bytes& bytes) const {
    const auto path = directory.file("images", bytes);
    return message_of<DataError>([&] { (void)load_idx_images<tiny>(path); });
  }
  std::string label_failure(const Bytes& bytes) const {
    const auto path = directory.file("labels", bytes);
    return message_of<DataError>([&] { (void)load_idx_labels(path, 10); });
  }
  /// The message has to name the file and all parts.
  static void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
    for (const auto& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << "no '" << part << "' in: " << message;
    }
  }
  TemporaryDirectory directory;
};

TEST_F(Idx, ReadsImagesAndLabelsPlainAndCompressed) {
  const auto plain = directory.file("images", images_file(4));
  const auto packed = directory.file("labels.gz", gzipped(labels_file({9, 0, 3, 1})));
  const auto images = load_idx<tiny>(plain, packed, 10);
  ASSERT_EQ(images.size(), 4u);
  EXPECT_EQ(images.image(1)[0], 6);
  EXPECT_EQ(images.image(3)[5], 23);
  EXPECT_EQ(images.labels, (std::vector<std::uint16_t>{9, 0, 3, 1}));
}

TEST_F(Idx, SaysWhereAnImageFileIsDamaged) {
  expect_parts(image_failure({}), {"images", "empty"});
  expect_parts(image_failure({0, 0, 8}), {"at byte 0", "magic", "3 bytes later", "truncated"});
  expect_parts(image_failure(images_file(2, 2049)), {"at byte 0", "2051", "found 2049 (labels)"});
  auto bytes = images_file(2);
  bytes.resize(13);
  expect_parts(image_failure(bytes), {"at byte 12", "the number of columns", "1 bytes later"});
  bytes = images_file(3);
  bytes.resize(16 + 6 + 4);
  expect_parts(image_failure(bytes), {"at byte 22", "image 1 of 3 (6 bytes)", "4 bytes later"});
  bytes = images_file(2);
  bytes.push_back(1);
  expect_parts(image_failure(bytes), {"at byte 28", "the end of the file", "1 more bytes"});
  bytes = images_file(2);
  bytes[11] = 5;
  expect_parts(image_failure(bytes), {"at byte 8", "2 rows", "found 5"});
  bytes = images_file(2);
  bytes[15] = 4;
  expect_parts(image_failure(bytes), {"at byte 12", "3 columns", "found 4"});
  expect_parts(image_failure(images_file(0)), {"at byte 4", "at least 1 image"});
  bytes = images_file(2);
  bytes[4] = 255;  // four thousand million images: refused, not allocated
  expect_parts(image_failure(bytes), {"at byte 28", "image 2 of 4278190082"});
}

TEST_F(Idx, SaysWhichLabelIsWrong) {
  expect_parts(label_failure(labels_file({1, 2, 10, 4})),
               {"at byte 10", "label of item 2", "0 to 9", "found 10"});
  auto bytes = labels_file({1, 2, 3});
  bytes.pop_back();
  expect_parts(label_failure(bytes), {"at byte 8", "3 labels", "2 bytes later"});
  bytes = labels_file({1, 2, 3});
  bytes.push_back(0);
  expect_parts(label_failure(bytes), {"at byte 11", "1 more bytes"});
  expect_parts(label_failure(images_file(1)), {"2049 (labels)", "found 2051 (grey images)"});
  expect_parts(label_failure(labels_file({})), {"at least 1 label"});
}

TEST_F(Idx, ImagesAndLabelsHaveToBeEquallyMany) {
  const auto images = directory.file("images", images_file(3));
  const auto labels = directory.file("labels", labels_file({1, 2}));
  expect_parts(message_of<DataError>([&] { (void)load_idx<tiny>(images, labels, 10); }),
               {"has 3 images", "has 2 labels"});
}

TEST_F(Idx, SaysWhereCompressedDataIsDamaged) {
  const auto whole = gzipped(images_file(40));
  auto bytes = whole;
  bytes.resize(bytes.size() / 2);
  expect_parts(image_failure(bytes),
               {"compressed byte " + std::to_string(bytes.size()), "truncated"});
  bytes = whole;
  bytes[bytes.size() - 6] ^= 1u;  // the checksum
  expect_parts(image_failure(bytes), {"gzip data is damaged", "incorrect data check"});
  bytes = whole;
  bytes[12] ^= 0xFFu;
  expect_parts(image_failure(bytes), {"gzip data is damaged"});
  bytes = whole;
  bytes.push_back(7);
  expect_parts(image_failure(bytes), {"1 more bytes follow"});
}

TEST_F(Idx, UnpacksSeveralGzipMembersAndLongOutput) {
  const Bytes zeros(3'000'000, 0);
  auto packed = gzipped(zeros);
  const auto second = gzipped({1, 2});
  packed.insert(packed.end(), second.begin(), second.end());
  const auto path = directory.file("members.gz", packed);
  const auto out = read_maybe_gzip(path);
  ASSERT_EQ(out.size(), zeros.size() + 2);
  EXPECT_EQ(out.back(), 2);
  EXPECT_EQ(out[zeros.size() - 1], 0);
}

TEST_F(Idx, LoadsAWholeDirectoryAndNamesWhatIsMissing) {
  directory.file("train-images-idx3-ubyte", images_file(4));
  directory.file("train-labels-idx1-ubyte.gz", gzipped(labels_file({2, 0, 1, 2})));
  directory.file("t10k-images-idx3-ubyte.gz", gzipped(images_file(2)));
  const auto load = [&] { return load_mnist_like<3, tiny>(directory.path(), "toy"); };
  expect_parts(message_of<FileError>([&] { (void)load(); }),
               {"toy: no file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz in",
                directory.path().string(), "give the directory"});
  directory.file("t10k-labels-idx1-ubyte", labels_file({1, 1}));
  const auto data = load();
  static_assert(decltype(data)::classes == 3);
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{2, 0, 1, 2}));
  EXPECT_EQ(data.test.size(), 2u);
  EXPECT_EQ(data.name, "toy");
  expect_parts(message_of<FileError>([&] { (void)mnist(directory.path() / "none"); }),
               {"mnist: no file", "which is no directory"});
}

TEST(RealData, MnistAndFashionMnistHaveTheirClassCounts) {
  if (!std::filesystem::exists(real_data() / "fashion-mnist")) {
    GTEST_SKIP() << "no data in " << real_data() << "; set TEPUI_DATA";
  }
  const auto digits = mnist(real_data() / "mnist");
  EXPECT_EQ(class_counts(digits.train),
            (std::vector<std::size_t>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_EQ(class_counts(digits.test),
            (std::vector<std::size_t>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
  const auto clothes = fashion_mnist(real_data() / "fashion-mnist");
  EXPECT_EQ(class_counts(clothes.train), std::vector<std::size_t>(10, 6000));
  EXPECT_EQ(class_counts(clothes.test), std::vector<std::size_t>(10, 1000));
  EXPECT_EQ(clothes.class_names[9], "ankle boot");
  EXPECT_EQ(clothes.train.labels[0], 9);
}

}  // namespace
