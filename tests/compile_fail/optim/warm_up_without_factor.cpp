// expect-error: WarmUp: Base needs double factor
#include "tepui/optim/schedule.hpp"

namespace {

struct Half {
#ifndef EXPECT_ERROR
  [[nodiscard]] double factor(const tepui::optim::Progress&) const { return 0.5; }
#endif
};

}  // namespace

double use();
double use() { return tepui::optim::WarmUp<Half>{}.epochs; }
