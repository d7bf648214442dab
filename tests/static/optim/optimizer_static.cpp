#include <type_traits>

#include "tepui/optim/optim.hpp"

namespace {

using namespace tepui::optim;

// Rules apply a gradient; Sam and Asam own the step.
static_assert(GradientRule<Sgd, float> && GradientRule<Sgd, double> && !OwnsStep<Sgd, float>);
static_assert(GradientRule<Adam, float> && !OwnsStep<Adam, float>);
static_assert(GradientRule<AdamW, float> && !OwnsStep<AdamW, float>);
static_assert(GradientRule<ClipNorm<AdamW>, float> && !OwnsStep<ClipNorm<AdamW>, float>);
static_assert(OwnsStep<Sam<>, float> && !AppliesGradient<Sam<>, float>);
static_assert(OwnsStep<Asam<>, double> && !AppliesGradient<Asam<>, double>);
static_assert(Optimizer<Sam<ClipNorm<Sgd>>> && Optimizer<Asam<ClipNorm<ClipNorm<AdamW>>>, double>);

// Options are plain values.
static_assert(std::is_aggregate_v<Sgd> && std::is_trivially_copyable_v<Sgd>);
static_assert(std::is_aggregate_v<Sam<ClipNorm<Sgd>>> &&
              std::is_trivially_copyable_v<Sam<ClipNorm<Sgd>>>);
static_assert(Sam<Sgd>{}.rho == 0.05 && Asam<Sgd>{}.rho == 0.5 && Asam<Sgd>{}.eta == 0.01);
static_assert(ClipNorm<Sgd>{}.max_norm == 5);

struct NoState {};
struct NoStart {
  template <class T>
  struct State {};
};
struct NoApply : NoStart {
  template <class T>
  State<T> start(std::size_t) const;
};
struct Complete : NoApply {
  template <class T>
  void apply(State<T>&, const Target<T>&) const;
};
static_assert(!HasState<NoState> && !Optimizer<NoState>);
static_assert(HasState<NoStart> && !Starts<NoStart> && !Optimizer<NoStart>);
static_assert(Starts<NoApply> && !AppliesGradient<NoApply> && !Optimizer<NoApply>);
static_assert(Optimizer<Complete> && GradientRule<Complete, float>);

static_assert(Schedule<Constant> && Schedule<StepDecay> && Schedule<Exponential> &&
              Schedule<Cosine> && Schedule<Linear250> && Schedule<WarmUp<WarmUp<Cosine>>>);
static_assert(!Schedule<Sgd>);

}  // namespace
