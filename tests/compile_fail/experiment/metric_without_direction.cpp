// expect-error: objective: the metric needs measure
#include "tepui/experiment/objective.hpp"
#include "tepui/flatness/measurement.hpp"

namespace {

using namespace tepui;

struct Mine {
#ifdef EXPECT_ERROR
#else
  static constexpr bool larger_is_better = true;
#endif
  template <class Candidate>
  [[nodiscard]] metric::Measurement measure(Candidate&, random::Key) const {
    return {};
  }
};
void use(flatness::detail::LandscapeArchetype& candidate, objective::Scored& into) {
  objective::Maximize<Mine>{}.score(candidate, {}, into);
}
[[maybe_unused]] const auto used = &use;

}  // namespace
