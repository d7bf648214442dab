// expect-error: flatness estimator: add template <Landscape L> Measurement measure
#include "tepui/flatness/measurement.hpp"

namespace {

struct Nothing {
  static constexpr bool larger_is_better = true;
#ifndef EXPECT_ERROR
  template <tepui::Landscape L>
  tepui::flatness::Measurement measure(L&, tepui::random::Key) const {
    return {};
  }
#endif
};

}  // namespace

static_assert(tepui::flatness::check_estimator<Nothing>());
