// In place of gpu.cpp where the library has no CUDA kernels.
#include <tepui/core/error.hpp>

#include "run.hpp"

namespace {

[[noreturn]] void refuse() {
  throw tepui::SettingError("--gpu: built without the CUDA toolkit, which CMake looks for");
}

}  // namespace

void example::run_rgb_on_gpu(const Settings&) { refuse(); }
void example::run_grey_on_gpu(const Settings&) { refuse(); }
