#include "tepui/data/cifar.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
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
namespace fs = std::filesystem;

/// One record: the labels, then 1024 times each of red, green and blue; pixel (1, 2) of green is
/// 77.
Bytes record(const Bytes& labels, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Bytes bytes = labels;
  for (const std::uint8_t value : {red, green, blue}) bytes.insert(bytes.end(), 1024, value);
  bytes[labels.size() + 1024 + 34] = 77;
  return bytes;
}

Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
  for (const auto& part : parts) {
    EXPECT_NE(message.find(part), std::string::npos) << "no '" << part << "' in: " << message;
  }
}

class Cifar : public testing::Test {
 protected:
  std::string failure10(const Bytes& bytes) const {
    const std::vector files{directory.file("part.bin", bytes)};
    return message_of<DataError>([&] { (void)cifar10_from(files, files); });
  }
  TemporaryDirectory directory;
};

TEST_F(Cifar, PutsChannelsOfAPixelTogether) {
  const std::vector files{
      directory.file("a.bin", joined(record({3}, 1, 2, 3), record({9}, 4, 5, 6)))};
  const auto data = cifar10_from(files, files);
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{3, 9}));
  const auto second = data.train.image(1);
  EXPECT_EQ(second[0], 4);
  EXPECT_EQ(second[1], 5);
  EXPECT_EQ(second[2], 6);
  EXPECT_EQ(second[3 * 34 + 0], 4);
  EXPECT_EQ(second[3 * 34 + 1], 77);
  EXPECT_EQ(second[3 * 34 + 2], 6);
  EXPECT_EQ(data.class_names[9], "truck");
}

TEST_F(Cifar, ReadsTheSixFilesInOrder) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    directory.file("data_batch_" + std::to_string(i) + ".bin", record({i}, i, 0, 0));
  }
  directory.file("test_batch.bin", record({0}, 9, 0, 0));
  const auto data = cifar10(directory.path());
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(data.test.image(0)[0], 9);
}

TEST_F(Cifar, AMissingFileComesWithWhereToGetIt) {
  directory.file("data_batch_1.bin", record({1}, 0, 0, 0));
  expect_parts(
      message_of<FileError>([&] { (void)cifar10(directory.path()); }),
      {"cifar10: no file data_batch_2.bin in", directory.path().string(), "binary version"});
  expect_parts(message_of<FileError>([&] { (void)cifar100(directory.path()); }),
               {"cifar100: no file train.bin in", "binary version"});
}

TEST_F(Cifar, SaysWhereAFileIsDamaged) {
  expect_parts(failure10({}), {"part.bin", "empty"});
  auto bytes = joined(record({1}, 0, 0, 0), record({2}, 0, 0, 0));
  bytes.resize(3073 + 100);
  expect_parts(failure10(bytes), {"at byte 3073", "image 1 (3073 bytes)", "found 100 bytes"});
  bytes = record({1}, 0, 0, 0);
  bytes.push_back(0);
  expect_parts(failure10(bytes), {"at byte 3073", "found 1 bytes"});
  expect_parts(failure10(joined(record({1}, 0, 0, 0), record({10}, 0, 0, 0))),
               {"at byte 3073", "label of item 1", "0 to 9", "found 10"});
  EXPECT_THROW((void)cifar10_from({}, {}), DataError);
}

TEST_F(Cifar, HundredClassesUseTheFineLabelAndCheckBoth) {
  directory.file("train.bin", joined(record({19, 99}, 1, 2, 3), record({0, 42}, 1, 2, 3)));
  directory.file("test.bin", record({3, 7}, 1, 2, 3));
  const auto data = cifar100(directory.path());
  EXPECT_EQ(data.train.labels, (std::vector<std::uint16_t>{99, 42}));
  EXPECT_EQ(data.test.image(0)[2], 3);
  EXPECT_TRUE(data.class_names.empty());
  const auto fail = [&](const Bytes& bytes) {
    const std::vector files{directory.file("part.bin", bytes)};
    return message_of<DataError>([&] { (void)cifar100_from(files, files); });
  };
  expect_parts(fail(record({20, 5}, 0, 0, 0)), {"at byte 0", "0 to 19", "found 20"});
  expect_parts(fail(record({2, 100}, 0, 0, 0)), {"at byte 1", "0 to 99", "found 100"});
  EXPECT_THROW((void)cifar100_from({}, {}), DataError);
}

/// Unpacks a file of the real data; false if that is not there.
bool unpack(const std::string& labels, const fs::path& from, const fs::path& to) {
  const auto script = real_data() / "unpack_cifar.py";
  if (!fs::exists(real_data() / from) || !fs::exists(script)) return false;
  const std::string command = "python3 '" + script.string() + "' " + labels + " '" +
                              (real_data() / from).string() + "' '" + to.string() +
                              "' > /dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

TEST_F(Cifar, RealTestImagesOfTenClasses) {
  const std::vector files{directory.path() / "test_batch.bin"};
  if (!unpack("1", "cifar10/test_batch.med.xz", files[0])) {
    GTEST_SKIP() << "no data in " << real_data() << " (or no python3); set TEPUI_DATA";
  }
  const auto data = cifar10_from(files, files);
  EXPECT_EQ(class_counts(data.test), std::vector<std::size_t>(10, 1000));
  EXPECT_EQ(data.test.labels[0], 3);  // the first test image is a cat
}

TEST_F(Cifar, RealTestImagesOfAHundredClasses) {
  const std::vector files{directory.path() / "test.bin"};
  if (!unpack("2", "cifar100/test_20perclass.med.xz", files[0])) {
    GTEST_SKIP() << "no data in " << real_data() << " (or no python3); set TEPUI_DATA";
  }
  fs::copy_file(real_data() / "cifar100" / "fine_label_names.txt",
                directory.path() / "fine_label_names.txt");
  const auto data = cifar100_from(files, files);
  EXPECT_EQ(class_counts(data.test), std::vector<std::size_t>(100, 20));
  ASSERT_EQ(data.class_names.size(), 100u);
  EXPECT_EQ(data.class_names[0], "apple");
  EXPECT_EQ(data.class_names[99], "worm");
}

}  // namespace
