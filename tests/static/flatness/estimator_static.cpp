#include <span>

#include "support/quadratic.hpp"
#include "support/toy_landscape.hpp"
#include "tepui/flatness/flatness.hpp"

namespace {

using namespace tepui::flatness;
using Plain = tepui::support::ToyLandscape<float>;
using Smooth = tepui::support::Quadratic<double>;

static_assert(tepui::Landscape<Plain> && !tepui::DifferentiableLandscape<Plain>);
static_assert(tepui::DifferentiableLandscape<Smooth>);

static_assert(check_estimator<Genas, Plain>() && check_estimator<Genas, Smooth>());
static_assert(check_estimator<FlatNas, Plain>());
static_assert(check_estimator<SamSharpness, Smooth>());
static_assert(check_estimator<HessianTrace, Smooth>());
static_assert(check_estimator<TopEigenvalue, Smooth>());

// Those that follow gradients say no to a landscape without one.
static_assert(!FlatnessEstimator<SamSharpness, Plain>);
static_assert(!FlatnessEstimator<HessianTrace, Plain>);
static_assert(!FlatnessEstimator<TopEigenvalue, Plain>);

static_assert(Genas::larger_is_better);
static_assert(!FlatNas::larger_is_better && !SamSharpness::larger_is_better &&
              !HessianTrace::larger_is_better && !TopEigenvalue::larger_is_better);

struct NoDirection {
  template <tepui::Landscape L>
  Measurement measure(L&, tepui::random::Key) const;
};
struct NoMeasure {
  static constexpr bool larger_is_better = true;
};
struct WrongResult : NoMeasure {
  template <tepui::Landscape L>
  double measure(L&, tepui::random::Key) const;
};
static_assert(Measures<NoDirection> && !FlatnessEstimator<NoDirection>);
static_assert(Oriented<NoMeasure> && !FlatnessEstimator<NoMeasure>);
static_assert(!Measures<WrongResult>);

}  // namespace
