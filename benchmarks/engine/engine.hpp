#pragma once

// What the cases of the engine benchmark share: a list of them, how they are timed, and the line of
// JSON that each prints.

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

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
};

using Cases = std::vector<Case>;

// Each in a file of its own, so that they compile side by side.
void add_all3x3(Cases& cases);
void add_mixed(Cases& cases);
void add_small(Cases& cases);
void add_supernet(Cases& cases);
void add_mbconv(Cases& cases);
void add_inference(Cases& cases);
void add_kernels(Cases& cases);

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

/// Runs a case and prints its line.
/// @param peak GFLOP/s that one core can do at best
inline void run(const Case& c, const Settings& settings, double peak) {
  using Clock = std::chrono::steady_clock;
  const int threads = c.threads == 0 ? settings.threads : c.threads;
  tepui::ThreadLimit limit(threads);
  limit.run([&] {
    const auto step = c.prepare();
    for (int i = 0; i < 2; ++i) (void)step();
    long steps = 0;
    double work = 0;
    double seconds = 0;
    const auto begin = Clock::now();
    while (seconds < settings.seconds || steps < 3) {
      work += step();
      ++steps;
      seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    const double rate = work / seconds;
    std::printf(
        "{\"case\": \"%s\", \"images_per_second\": %.1f, \"gflop_per_second\": %.1f, "
        "\"peak_gflop_per_second\": %.1f, \"fraction_of_peak\": %.3f, \"threads\": %d, "
        "\"peak_rss_mb\": %.0f}\n",
        c.name.c_str(), static_cast<double>(c.images) * static_cast<double>(steps) / seconds, rate,
        peak * threads, rate / (peak * threads), threads, peak_rss_megabytes());
    std::fflush(stdout);
  });
}

}  // namespace engine
