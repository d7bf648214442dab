#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

/// What the command line says; numbers left out take the value that suits the data set.
struct Settings {
  std::string data = "glyphs";
  std::string out = "out";
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  bool gpu = false;
  bool resume = false;
  bool restart = false;
  std::optional<int> evaluations;
  std::optional<int> epochs;
  std::optional<int> retrain_epochs;
  std::optional<int> batch;
  std::optional<int> draws;
  std::optional<std::int64_t> max_params;
};

/// What a data set is worth by default.
struct Budget {
  int evaluations;             ///< architectures measured
  int epochs;                  ///< of the supernet
  int retrain_epochs;          ///< of the winner
  int batch;                   ///< images in a training step
  double validation_fraction;  ///< of the training images, to measure candidates with
};
