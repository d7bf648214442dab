// The table of NAS-Bench-201: what a query, opening and converting cost, how much memory they take,
// and a thousand simulated searches. Reads $TEPUI_DATA/nasbench201/nasbench201.csv.gz.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "tepui/core/random.hpp"
#include "tepui/search/search.hpp"
#include "tepui/space/operators.hpp"
#include "tepui/tabular/tabular.hpp"

namespace {

using namespace tepui;
using tabular::Column;
using tabular::NasBench201Table;

std::filesystem::path source() {
  const char* folder = std::getenv("TEPUI_DATA");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "nasbench201" /
         "nasbench201.csv.gz";
}

/// The converted table, gone with the program.
class Converted {
 public:
  Converted()
      : path_(std::filesystem::temp_directory_path() /
              ("tepui_benchmark_" + std::to_string(::getpid()) + ".bin")) {
    tabular::convert(source(), path_);
  }
  Converted(const Converted&) = delete;
  Converted& operator=(const Converted&) = delete;
  ~Converted() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Calls `work(path of the converted table)`; without the data the benchmark is skipped.
template <class Work>
void with_table(benchmark::State& state, Work&& work) {
  try {
    static const Converted converted;
    work(converted.path());
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

/// Megabytes of a line of /proc/self/status, "VmRSS:" or "VmHWM:".
double megabytes(const std::string& line) {
  const std::string status = read_text("/proc/self/status");
  return std::strtod(status.c_str() + status.find(line) + line.size(), nullptr) / 1024;
}

std::vector<NasBench201Table::Encoding> random_encodings(std::size_t count) {
  random::Stream stream(random::Key{.seed = 1});
  std::vector<NasBench201Table::Encoding> codes(count);
  for (auto& code : codes) code = space::sample<NasBench201Table::Space>(stream);
  return codes;
}

/// Every query waits for the number that the one before it read.
double chase(const NasBench201Table& table, const std::vector<NasBench201Table::Encoding>& codes) {
  double sum = 0;
  for (std::size_t i = 0; i < codes.size();) {
    const double accuracy = table.at(codes[i])[Column::c10_test_200];
    sum += accuracy;
    i += accuracy < 0 ? 2 : 1;  // never 2, which the processor does not know
  }
  return sum;
}

void query_warm(benchmark::State& state) {
  with_table(state, [&](const auto& path) {
    const auto table = NasBench201Table::open(path);
    const auto codes = random_encodings(1 << 14);
    for (auto _ : state) benchmark::DoNotOptimize(chase(table, codes));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(codes.size()));
  });
}
BENCHMARK(query_warm);

/// After everything else was thrown out of the caches; pages stay mapped.
void query_cold(benchmark::State& state) {
  with_table(state, [&](const auto& path) {
    const auto table = NasBench201Table::open(path);
    const auto codes = random_encodings(1 << 11);
    std::vector<std::uint8_t> other(std::size_t{256} << 20);
    for (auto _ : state) {
      state.PauseTiming();
      for (std::size_t i = 0; i < other.size(); i += 64) ++other[i];
      benchmark::ClobberMemory();
      state.ResumeTiming();
      benchmark::DoNotOptimize(chase(table, codes));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(codes.size()));
  });
}
BENCHMARK(query_cold)->Iterations(50);

/// Also: what the table adds to the resident memory once all of it was read.
void open(benchmark::State& state) {
  with_table(state, [&](const auto& path) {
    const double before = megabytes("VmRSS:");
    const auto kept = NasBench201Table::open(path);
    for (const tabular::Row& row : kept.rows()) benchmark::DoNotOptimize(row[Column::params]);
    state.counters["table_MB"] = megabytes("VmRSS:") - before;
    for (auto _ : state) benchmark::DoNotOptimize(NasBench201Table::open(path).rows().data());
  });
}
BENCHMARK(open)->Unit(benchmark::kMillisecond);

void convert(benchmark::State& state) {
  with_table(state, [&](const auto& path) {
    for (auto _ : state) tabular::convert(source(), path);
  });
}
BENCHMARK(convert)->Unit(benchmark::kMillisecond);

/// A thousand searches of 100,000 simulated seconds by 12-epoch validation accuracy.
template <class Policy>
void thousand_searches(benchmark::State& state, const Policy& policy, bool two_objectives) {
  with_table(state, [&](const auto& path) {
    const auto table = NasBench201Table::open(path);
    tabular::SimulationOptions options{.seconds = 1e5};
    if (two_objectives) {
      options.objectives.push_back({Column::params, search::Direction::minimise});
    }
    const tabular::Simulation simulation(table, options);
    std::size_t evaluations = 0;
    for (auto _ : state) {
      const auto repeats = tabular::repeat(simulation, policy, 1000);
      evaluations = 0;
      for (const auto& run : repeats.runs) evaluations += run.evaluations;
    }
    state.counters["evaluations"] = static_cast<double>(evaluations);
    state.counters["peak_MB"] = megabytes("VmHWM:");
  });
}
#define TEPUI_THOUSAND_SEARCHES(name, ...)                \
  BENCHMARK_CAPTURE(thousand_searches, name, __VA_ARGS__) \
      ->Unit(benchmark::kSecond)                          \
      ->UseRealTime()                                     \
      ->MeasureProcessCPUTime()                           \
      ->Iterations(1)
TEPUI_THOUSAND_SEARCHES(random, search::Random{}, false);
TEPUI_THOUSAND_SEARCHES(regularized_evolution,
                        (search::RegularizedEvolution{.population = 20, .tournament = 5}), false);
TEPUI_THOUSAND_SEARCHES(
    genas_evolution,
    (search::GenasEvolution{
        .population = 20, .parents = 5, .mutation = 10, .crossover = 10, .generations = 0}),
    false);
TEPUI_THOUSAND_SEARCHES(nsga2,
                        (search::Nsga2{.population = 20, .mutation = search::Mutation::gene}),
                        true);

}  // namespace
