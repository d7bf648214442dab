// The same searches on a GPU: another backend in the type, nothing else.
#include <tepui/cuda.hpp>

#include "images.hpp"
#include "run.hpp"

void example::run_rgb_on_gpu(const Settings& settings) {
  search_rgb<tepui::backend::Cuda>(settings);
}
void example::run_grey_on_gpu(const Settings& settings) {
  search_grey<tepui::backend::Cuda>(settings);
}
