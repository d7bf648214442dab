#include "search.hpp"

namespace example {

void run_grey(const Settings& settings) {
  const bool fashion = settings.data.find("fashion") != std::string::npos;
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
