// expect-error: flatness estimator: add static constexpr bool larger_is_better
#include "tepui/flatness/measurement.hpp"

namespace {

struct Nothing {
#ifndef EXPECT_ERROR
  static constexpr bool larger_is_better = true;
#endif
  template <tepui::Landscape L>
  tepui::flatness::Measurement measure(L&, tepui::random::Key) const {
    return {};
  }
};

}  // namespace

static_assert(tepui::flatness::check_estimator<Nothing>());
