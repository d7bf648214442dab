// Speed of the CUDA backend, one line of JSON a case.
//
//   engine_cuda --case train_mixed_256 --math bf16 --rounds 3
//   engine_cuda --list
//   engine_cuda --serve     requests on standard input, as ../engine_server.py says

#include <cuda_runtime_api.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "cases.hpp"
#include "roof.hpp"

namespace {

using engine_cuda::Case;
using engine_cuda::Cases;
using engine_cuda::Math;
using engine_cuda::Work;
using nlohmann::json;

const std::map<std::string, Math> maths{
    {"exact", Math::exact}, {"tf32", Math::tf32}, {"bf16", Math::bf16}};

/// Measures cases; what the last one prepared is kept, in each arithmetic.
class Bench {
 public:
  Bench() {
    for (auto* add : {engine_cuda::add_all3x3, engine_cuda::add_mixed, engine_cuda::add_supernet,
                      engine_cuda::add_sam, engine_cuda::add_convolution}) {
      add(cases_);
    }
  }
  [[nodiscard]] const Cases& cases() const { return cases_; }

  json measure(const std::string& name, const std::string& math, double seconds) {
    const Prepared& prepared = prepare(name, math);
    const Work& work = prepared.work;
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    int steps = 0;
    double taken = 0;
    while (steps == 0 || taken < seconds) {
      work.step();
      ++steps;
      taken = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    const double of_a_step = taken / steps;
    return {{"case", name},
            {"math", math},
            {"images_per_second", work.images / of_a_step},
            {"seconds_per_step", of_a_step},
            {"tflops", work.tera / of_a_step},
            {"roof", roofs_.at(math)},
            {"gigabytes_per_second_of_a_copy", gigabytes_},
            {"memory_bytes", prepared.memory}};
  }

 private:
  /// What is taken of the pool that all memory of the backend comes from.
  static std::uint64_t used_memory() {
    int device = 0;
    cudaMemPool_t pool = nullptr;
    std::uint64_t bytes = 0;
    using tepui::backend::cuda::check;
    check(cudaGetDevice(&device), "device");
    check(cudaDeviceGetDefaultMemPool(&pool, device), "pool of memory");
    check(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &bytes), "pool of memory");
    return bytes;
  }
  struct Prepared {
    Work work;
    std::uint64_t memory = 0;  ///< bytes
  };
  /// Makes a case and warms it up.
  const Prepared& prepare(const std::string& name, const std::string& math) {
    if (name != name_) prepared_.clear();
    name_ = name;
    if (const auto known = prepared_.find(math); known != prepared_.end()) return known->second;
    const auto found =
        std::find_if(cases_.begin(), cases_.end(), [&](const Case& c) { return c.name == name; });
    if (found == cases_.end()) throw std::runtime_error("there is no case " + name);
    if (!maths.contains(math)) throw std::runtime_error("there is no math " + math);
    const Math how = maths.at(math);
    if (!roofs_.contains(math)) roofs_[math] = engine_cuda::measured_teraflops(how);
    if (gigabytes_ == 0) gigabytes_ = engine_cuda::measured_gigabytes();
    const std::uint64_t before = used_memory();
    Prepared prepared{.work = found->prepare(how)};
    for (int i = 0; i < prepared.work.warm_steps; ++i) prepared.work.step();
    prepared.memory = used_memory() - before;
    return prepared_.emplace(math, std::move(prepared)).first->second;
  }

  Cases cases_;
  std::map<std::string, Prepared> prepared_;  ///< of the case of this name, by arithmetic
  std::string name_;
  std::map<std::string, double> roofs_;
  double gigabytes_ = 0;
};

void serve(Bench& bench) {
  for (std::string line; std::getline(std::cin, line);) {
    json answer;
    try {
      const json request = json::parse(line);
      answer = {{"case", request.at("case")}, {"math", request.at("math")}};
      answer = bench.measure(request.at("case"), request.at("math"), request.at("seconds"));
    } catch (const std::exception& error) {
      answer["error"] = error.what();
    }
    std::cout << answer << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> wanted;
  std::string math = "bf16";
  double seconds = 1;
  int rounds = 1;
  bool list = false;
  bool serves = false;
  CLI::App app("Times training and measuring on a GPU.");
  app.add_option("--case", wanted, "names of cases; none: all");
  app.add_option("--math", math, "of convolutions")
      ->check(CLI::IsMember({"exact", "tf32", "bf16"}))
      ->capture_default_str();
  app.add_option("--seconds", seconds, "time for each case")->capture_default_str();
  app.add_option("--rounds", rounds, "lines for each case")->capture_default_str();
  app.add_flag("--list", list, "print the names of the cases");
  app.add_flag("--serve", serves, "answer requests on standard input");
  CLI11_PARSE(app, argc, argv);

  Bench bench;
  if (list) {
    for (const Case& c : bench.cases()) std::cout << c.name << '\n';
    return 0;
  }
  if (serves) {
    serve(bench);
    return 0;
  }
  if (wanted.empty()) {
    for (const Case& c : bench.cases()) wanted.push_back(c.name);
  }
  try {
    for (const std::string& name : wanted) {
      for (int r = 0; r < rounds; ++r) {
        std::cout << bench.measure(name, math, seconds) << std::endl;
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "engine_cuda: %s\n", error.what());
    return 1;
  }
}
