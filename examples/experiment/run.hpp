#pragma once

#include "settings.hpp"

namespace example {

// Defined in files of their own, so that they compile side by side.
void run_rgb(const Settings& settings);   // 3x32x32: glyphs, CIFAR-10
void run_grey(const Settings& settings);  // 1x28x28: MNIST, Fashion-MNIST
void run_rgb_on_gpu(const Settings& settings);
void run_grey_on_gpu(const Settings& settings);

}  // namespace example
