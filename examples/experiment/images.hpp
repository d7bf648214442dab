#pragma once

// The searches on images of either shape, with what each data set is worth by default.

#include <filesystem>

#include "search.hpp"

namespace example {

template <class Backend>
void search_rgb(const Settings& settings) {
  if (settings.data == "glyphs") {
    run<Backend>(tepui::data::glyphs(), settings,
                 {.evaluations = 40,
                  .epochs = 18,
                  .retrain_epochs = 12,
                  .batch = 32,
                  .validation_fraction = 0.2},
                 {.crop_padding = 2});
  } else {
    run<Backend>(tepui::data::cifar10(settings.data), settings,
                 {.evaluations = 60,
                  .epochs = 3,
                  .retrain_epochs = 5,
                  .batch = 64,
                  .validation_fraction = 0.04},
                 tepui::data::augmentation::nas_bench_201());
  }
}

template <class Backend>
void search_grey(const Settings& settings) {
  // The files of both have the same names; the directory's own name tells them apart.
  const auto directory = std::filesystem::weakly_canonical(settings.data).filename().string();
  const bool fashion = directory.find("fashion") != std::string::npos;
  run<Backend>(
      fashion ? tepui::data::fashion_mnist(settings.data) : tepui::data::mnist(settings.data),
      settings,
      {.evaluations = 60,
       .epochs = 3,
       .retrain_epochs = 5,
       .batch = 64,
       .validation_fraction = 0.03},
      {.crop_padding = 2, .flip = fashion});
}

}  // namespace example
