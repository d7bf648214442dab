#pragma once

// What the cases of the engine benchmark share: a list of them, how they are timed, and the line of
// JSON that each prints.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "peak.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"

namespace engine {

struct Settings {
  double seconds = 3;  ///< that a case is timed for, at least
  int threads = 2;
};

/// One case: what one call of `step` computes.
struct Case {
  std::string name;
  int threads = 0;                                   ///< 0: as many as the settings say
  std::function<std::function<double()>()> prepare;  ///< makes `step`, which returns its GFLOP
  int images = 0;                                    ///< of one step
  double gigabytes = 0;  ///< read and written by one step, if that is what limits it
};

using Cases = std::vector<Case>;

// Each in a file of its own, so that they compile side by side.
void add_all3x3(Cases& cases);
void add_mixed(Cases& cases);
void add_small(Cases& cases);
void add_supernet(Cases& cases);
void add_mbconv(Cases& cases);
void add_inference(Cases& cases);
void add_convolutions(Cases& cases);
void add_kernels(Cases& cases);
void add_winograd(Cases& cases);

/// Costs of one policy in units of another, a line of JSON each.
void print_ratios(int threads);

/// Numbers in -1..1.
inline std::vector<float> noise(std::size_t count, std::uint64_t tag) {
  tepui::random::Stream stream({1, tepui::random::Purpose::user, tag});
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(stream.uniform(-1.0, 1.0));
  return values;
}

inline double peak_rss_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// @return the value that `part` of the others are below
inline double quantile(std::vector<double> values, double part) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Runs a case and prints its line. Other tenants of the machine slow it down for moments at a
/// time, so that rates are those of the median step. What a core can do at best is measured between
/// steps, again and again; all but the best tenth are below what is taken.
inline void run(const Case& c, const Settings& settings) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  const int threads = c.threads == 0 ? settings.threads : c.threads;
  tepui::ThreadLimit limit(threads);
  limit.run([&] {
    const auto step = c.prepare();
    for (int i = 0; i < 3; ++i) (void)step();
    std::vector<double> rates;
    std::vector<double> times;
    std::vector<double> peaks;
    const auto begin = Clock::now();
    double probed = -1;
    while (since(begin) < settings.seconds || times.size() < 3) {
      if (since(begin) - probed > 0.05) {
        peaks.push_back(peak_gflop_per_second());
        probed = since(begin);
      }
      const auto start = Clock::now();
      const double work = step();
      times.push_back(since(start));
      rates.push_back(work / times.back());
    }
    const double rate = quantile(rates, 0.5);
    const double peak = quantile(peaks, 0.9) * threads;
    std::printf(
        "{\"case\": \"%s\", \"images_per_second\": %.1f, \"gflop_per_second\": %.1f, "
        "\"peak_gflop_per_second\": %.1f, \"fraction_of_peak\": %.3f, ",
        c.name.c_str(), c.images / quantile(times, 0.5), rate, peak, rate / peak);
    if (c.gigabytes > 0) {
      std::printf("\"gigabytes_per_second\": %.1f, ", c.gigabytes / quantile(times, 0.5));
    }
    std::printf("\"threads\": %d, \"peak_rss_mb\": %.0f}\n", threads, peak_rss_megabytes());
    std::fflush(stdout);
  });
}

}  // namespace engine
