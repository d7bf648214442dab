// Speed of the CPU engine, one line of JSON a case.
//
//   engine                         every case
//   engine --case all3x3_n5        one of them; its peak_rss_mb is then its own
//   engine --list
//   engine --ratios                SAM in SGD steps, F_val in evaluations, 1 thread in 2

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>

#include "engine.hpp"

int main(int argc, char** argv) {
  engine::Settings settings;
  std::vector<std::string> wanted;
  bool list = false;
  bool ratios = false;
  CLI::App app("Times training and inference on the processor.");
  app.add_option("--case", wanted, "names of cases; none: all");
  app.add_option("--seconds", settings.seconds, "time for each case")->capture_default_str();
  app.add_option("--threads", settings.threads, "threads of cases that take several")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag("--ratios", ratios, "times policies against each other instead");
  app.add_flag("--list", list, "print the names of the cases");
  CLI11_PARSE(app, argc, argv);

  if (ratios) {
    engine::print_ratios(settings.threads);
    return 0;
  }
  engine::Cases cases;
  for (auto* add : {engine::add_all3x3, engine::add_mixed, engine::add_small, engine::add_supernet,
                    engine::add_mbconv, engine::add_inference, engine::add_convolutions,
                    engine::add_kernels, engine::add_winograd}) {
    add(cases);
  }
  if (list) {
    for (const auto& c : cases) std::printf("%s\n", c.name.c_str());
    return 0;
  }
  for (const std::string& name : wanted) {
    if (std::none_of(cases.begin(), cases.end(), [&](const auto& c) { return c.name == name; })) {
      std::fprintf(stderr, "engine: there is no case %s; --list names them\n", name.c_str());
      return 1;
    }
  }
  for (const auto& c : cases) {
    const bool all = wanted.empty();
    if (all || std::find(wanted.begin(), wanted.end(), c.name) != wanted.end()) {
      engine::run(c, settings);
    }
  }
}
