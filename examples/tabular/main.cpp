// Which strategy finds good architectures in how much time? Searches on the table of NAS-Bench-201,
// where an evaluation is a look-up, so that a thousand of them take seconds.
//
//   tabular --table nasbench201.csv.gz

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "../seed_text.hpp"
#include "tepui/tepui.hpp"

namespace {

using namespace tepui;
using tabular::Column;
using tabular::Incumbent;

struct Settings {
  std::string table;
  std::string cache;
  std::string out = "out";
  std::size_t repeats = 1000;
  double seconds = 100'000;
  int epochs = 12;
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A strategy and what became of its searches.
struct Contestant {
  std::string name;
  tabular::Repeats repeats;
  double took = 0;  ///< seconds of this machine
};

/// What is searched for: accuracy alone, and accuracy and size.
struct Questions {
  tabular::Simulation<> accuracy, accuracy_and_size;
};

/// Populations are small: the shortest budgets are over after some thirty evaluations.
std::vector<Contestant> contest(const Questions& questions, const Settings& settings) {
  std::vector<Contestant> all;
  const auto add = [&](const std::string& name, const auto& simulation, const auto& policy) {
    const auto begin = Clock::now();
    auto repeats = tabular::repeat(simulation, policy, settings.repeats, settings.threads);
    all.push_back({name, std::move(repeats), seconds_since(begin)});
  };
  add("Random", questions.accuracy_and_size, search::Random{});
  add("RegularizedEvolution", questions.accuracy,
      search::RegularizedEvolution{.population = 20, .tournament = 5});
  add("GenasEvolution", questions.accuracy,
      search::GenasEvolution{
          .population = 20, .parents = 5, .mutation = 10, .crossover = 10, .generations = 0});
  add("Nsga2", questions.accuracy_and_size,
      search::Nsga2{.population = 20, .mutation = search::Mutation::gene});
  return all;
}

std::string seconds_text(double seconds) { return report::fixed(seconds, 0) + " s"; }

/// A table with a row for each strategy and a column for each budget.
template <class Cell>
void print(const std::string& title, const std::vector<Contestant>& all,
           const std::vector<double>& budgets, Cell&& cell) {
  std::vector<std::string> columns{"strategy"};
  for (const double budget : budgets) columns.push_back(seconds_text(budget));
  auto table = report::Table::with_columns(columns);
  for (const Contestant& contestant : all) {
    std::vector<std::string> row{contestant.name};
    for (const double budget : budgets) row.push_back(cell(contestant.repeats, budget));
    table.add_row(std::move(row));
  }
  std::printf("\n%s\n\n%s", title.c_str(), table.text().c_str());
}

std::string mean_and_deviation(const tabular::Spread& spread, int decimals) {
  if (spread.summary.count == 0 || std::isnan(spread.summary.mean)) return "-";
  std::string text = report::fixed(spread.summary.mean, decimals);
  if (spread.summary.count > 1) {
    text += " +- " + report::fixed(spread.summary.deviation, decimals);
  }
  return text;
}

std::string median_and_quartiles(const tabular::Spread& spread, int decimals) {
  if (spread.summary.count == 0) return "-";
  return report::fixed(spread.median, decimals) + " (" +
         report::fixed(spread.lower_quartile, decimals) + ", " +
         report::fixed(spread.upper_quartile, decimals) + ")";
}

void print(const std::vector<Contestant>& all, double best_test, double longest) {
  const std::vector<double> budgets{0.03 * longest, 0.1 * longest, 0.3 * longest, longest};
  print("Test accuracy [%] of the best so far, mean +- deviation (best possible: " +
            report::fixed(best_test, 2) + ")",
        all, budgets, [](const tabular::Repeats& repeats, double budget) {
          return mean_and_deviation(repeats.at_seconds(budget, &Incumbent::test), 2);
        });
  print("Regret, percentage points below the best possible, median (quartiles)", all, budgets,
        [](const tabular::Repeats& repeats, double budget) {
          return median_and_quartiles(repeats.at_seconds(budget, &Incumbent::regret), 2);
        });
  print("Hypervolume of accuracy and size, share of the largest possible, mean +- deviation", all,
        budgets, [](const tabular::Repeats& repeats, double budget) {
          return mean_and_deviation(repeats.at_seconds(budget, &Incumbent::hypervolume), 3);
        });

  report::Table work({{"strategy", report::Align::left}, {"evaluations a search"}, {"real time"}});
  for (const Contestant& contestant : all) {
    std::vector<double> evaluations;
    for (const auto& run : contestant.repeats.runs) {
      evaluations.push_back(static_cast<double>(run.evaluations));
    }
    work.add_row({contestant.name, report::fixed(Summary::of(evaluations).mean, 1),
                  report::duration(contestant.took)});
  }
  std::printf("\nWork\n\n%s", work.text().c_str());
}

std::filesystem::path curves_of(const Settings& settings) {
  return std::filesystem::path(settings.out) / "curves.csv";
}

/// @throws SettingError if what is to be written is one of the files that are read
void refuse_to_overwrite(const std::vector<std::filesystem::path>& read,
                         const std::filesystem::path& written) {
  for (const auto& path : read) {
    std::error_code none;  // a file that is not there is no other one
    if (std::filesystem::equivalent(path, written, none)) {
      throw SettingError("the curves would overwrite " + path.string() +
                         "; choose another directory with --out");
    }
  }
}

/// The curves behind the tables, at a hundred moments evenly spaced on a logarithmic axis.
void save(const std::vector<Contestant>& all, const Settings& settings) {
  constexpr int moments = 100;
  const std::vector<std::pair<std::string, double Incumbent::*>> numbers{
      {"objective", &Incumbent::objective},
      {"test", &Incumbent::test},
      {"regret", &Incumbent::regret},
      {"hypervolume", &Incumbent::hypervolume}};
  std::vector<std::string> columns{"strategy", "seconds", "searches"};
  for (const auto& [name, member] : numbers) {
    for (const char* what : {"mean", "deviation", "lower_quartile", "median", "upper_quartile"}) {
      columns.push_back(name + "_" + what);
    }
  }
  io::CsvWriter curves(columns);
  for (const Contestant& contestant : all) {
    for (int i = 1; i <= moments; ++i) {
      const double seconds = settings.seconds * std::pow(1000.0, double(i) / moments - 1);
      std::vector<std::string> row{contestant.name, io::csv_cell(seconds)};
      for (const auto& [name, member] : numbers) {
        const auto spread = contestant.repeats.at_seconds(seconds, member);
        if (row.size() == 2) row.push_back(io::csv_cell(spread.summary.count));
        for (const double value : {spread.summary.mean, spread.summary.deviation,
                                   spread.lower_quartile, spread.median, spread.upper_quartile}) {
          row.push_back(io::csv_cell(value));
        }
      }
      curves.cells_row(row);
    }
  }
  curves.save(curves_of(settings));
  std::printf("\nWrote curves.csv to %s\n", settings.out.c_str());
}

void run(const Settings& settings) {
  make_writable_directory(settings.out);
  const std::filesystem::path cache = settings.cache.empty()
                                          ? std::filesystem::path(settings.out) / "nasbench201.bin"
                                          : std::filesystem::path(settings.cache);
  const auto table = tabular::open_cached(settings.table, cache);
  refuse_to_overwrite({settings.table, cache}, curves_of(settings));
  tabular::SimulationOptions options{
      .seed = settings.seed,
      .objectives = {{settings.epochs == 12 ? Column::c10v_valid_12 : Column::c10v_valid_200,
                      search::Direction::maximise}},
      .test = Column::c10_test_200,
      .seconds = settings.seconds};
  tabular::SimulationOptions with_size = options;
  with_size.objectives.push_back({Column::params, search::Direction::minimise});
  const Questions questions{{table, options}, {table, with_size}};
  std::printf(
      "NAS-Bench-201: %zu architectures in %s\n"
      "Candidates are compared by CIFAR-10 validation accuracy after %d epochs (Nsga2: and size).\n"
      "Columns are budgets of simulated training time; searches of each strategy: %zu.\n",
      table.rows().size(), cache.string().c_str(), settings.epochs, settings.repeats);
  std::fflush(stdout);
  const auto all = contest(questions, settings);
  print(all, questions.accuracy.best_test(), settings.seconds);
  save(all, settings);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Compares search strategies on the table of NAS-Bench-201.");
  app.add_option("--table", settings.table, "the table, nasbench201.csv.gz")->required();
  app.add_option("--cache", settings.cache,
                 "where it is kept for later runs, converted; default:\nnasbench201.bin in --out");
  app.add_option("--out", settings.out, "directory for curves.csv")->capture_default_str();
  app.add_option("--repeats", settings.repeats, "searches of each strategy")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seconds", settings.seconds, "longest budget, simulated seconds")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--epochs", settings.epochs,
                 "which validation accuracy candidates are compared by:\nafter 12 or 200 epochs")
      ->check(CLI::IsMember({12, 200}))
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "seed of the first search")
      ->check(example::SeedText())
      ->capture_default_str();
  app.add_option("--threads", settings.threads, "threads; the results do not depend on it")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tabular: %s\n", error.what());
    return 1;
  }
}
