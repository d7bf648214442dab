#include "search.hpp"

namespace example {

void run_rgb(const Settings& settings) {
  if (settings.data == "glyphs") {
    run(tepui::data::glyphs(), settings,
        {.evaluations = 40,
         .epochs = 18,
         .retrain_epochs = 12,
         .batch = 32,
         .validation_fraction = 0.2},
        {.crop_padding = 2});
  } else {
    run(tepui::data::cifar10(settings.data), settings,
        {.evaluations = 60,
         .epochs = 3,
         .retrain_epochs = 5,
         .batch = 64,
         .validation_fraction = 0.04},
        tepui::data::augmentation::nas_bench_201());
  }
}

}  // namespace example
