#include <filesystem>

#include "search.hpp"

namespace example {

void run_grey(const Settings& settings) {
  // The files of both have the same names; the directory's own name tells them apart.
  const auto directory = std::filesystem::weakly_canonical(settings.data).filename().string();
  const bool fashion = directory.find("fashion") != std::string::npos;
  run(fashion ? tepui::data::fashion_mnist(settings.data) : tepui::data::mnist(settings.data),
      settings,
      {.evaluations = 60,
       .epochs = 3,
       .retrain_epochs = 5,
       .batch = 64,
       .validation_fraction = 0.03},
      {.crop_padding = 2, .flip = fashion});
}

}  // namespace example
