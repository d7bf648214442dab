#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"

namespace tepui::data {

/// @return whether the bytes begin as a gzip file does
[[nodiscard]] inline bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

/// @brief Unpacks gzip data, also of several members in a row.
/// @param path named in messages
/// @throws DataError with the byte of the compressed data where it is damaged or ends too early
[[nodiscard]] inline std::vector<std::uint8_t> gunzip(std::span<const std::uint8_t> bytes,
                                                      const std::filesystem::path& path) {
  struct Inflater {
    z_stream stream{};
    ~Inflater() { inflateEnd(&stream); }
  } inflater;
  z_stream& stream = inflater.stream;
  if (inflateInit2(&stream, 15 + 16) != Z_OK) {  // 16: gzip only
    throw Error("gunzip: zlib could not be started");
  }
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  std::vector<std::uint8_t> out(std::max<std::size_t>(1u << 16, 4 * bytes.size()));
  std::size_t in_used = 0;
  std::size_t out_used = 0;
  const auto fail = [&](const std::string& what) {
    throw DataError(path.string() + ": the gzip data is damaged at compressed byte " +
                    std::to_string(in_used) + ": " + what + "; fetch the file again");
  };
  for (;;) {
    if (out_used == out.size()) out.resize(2 * out.size());
    const std::size_t in_size = std::min(bytes.size() - in_used, most);
    const std::size_t out_size = std::min(out.size() - out_used, most);
    stream.next_in = const_cast<Bytef*>(bytes.data() + in_used);  // zlib only reads it
    stream.avail_in = static_cast<uInt>(in_size);
    stream.next_out = out.data() + out_used;
    stream.avail_out = static_cast<uInt>(out_size);
    const int status = inflate(&stream, Z_NO_FLUSH);
    in_used += in_size - stream.avail_in;
    out_used += out_size - stream.avail_out;
    if (status == Z_STREAM_END) {
      if (in_used == bytes.size()) break;
      if (!is_gzip(bytes.subspan(in_used))) {
        fail(std::to_string(bytes.size() - in_used) + " more bytes follow the end");
      }
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR || (status == Z_OK && in_used == bytes.size())) {
      // No progress for lack of room is no error; for lack of input it is the end.
      if (in_used == bytes.size() && stream.avail_out > 0) fail("it ends too early (truncated)");
    } else if (status != Z_OK) {
      fail(stream.msg != nullptr ? stream.msg : "zlib status " + std::to_string(status));
    }
  }
  out.resize(out_used);
  return out;
}

/// @brief Reads a file, unpacking it if its content is gzip, whatever its name says.
/// @throws FileError if it cannot be read, DataError if the gzip data is damaged
[[nodiscard]] inline std::vector<std::uint8_t> read_maybe_gzip(const std::filesystem::path& path) {
  auto bytes = read_file(path);
  return is_gzip(bytes) ? gunzip(bytes, path) : bytes;
}

}  // namespace tepui::data
