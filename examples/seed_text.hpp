#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

namespace example {

/// Takes what a seed can be, and not the negative or too large numbers that would silently become
/// another one.
struct SeedText : CLI::Validator {
  SeedText() : Validator("SEED") {
    func_ = [](const std::string& text) {
      std::uint64_t seed = 0;
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data(), end, seed);
      return error == std::errc{} && stop == end
                 ? std::string()
                 : text + " is not a whole number from 0 to 18446744073709551615";
    };
  }
};

}  // namespace example
