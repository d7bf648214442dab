// The examples of docs/selecting.md.

#include "tepui/space/budget.hpp"
#include "tepui/space/pareto_front.hpp"
#include "tepui/space/select.hpp"
#include "tepui/space/small.hpp"
#include "tepui/space/top_k.hpp"

namespace {

using namespace tepui;
using S = space::Small<>;

constexpr auto light = select<S>([](Cost c) { return c.params < 6'000; });
constexpr auto cheapest = top_k<S, 5>(minimize(key::macs));
constexpr auto front = pareto_front<S>(key::depth, minimize(key::peak_activations));
static_assert(max_params<S> <= 10'000);

constexpr auto macs_per_layer = [](Cost cost, const S::Encoding& code) {
  return static_cast<double>(cost.macs) / depth_of<S>(code);
};
constexpr auto thickest = top_k<S, 3>(macs_per_layer);

static_assert(light.size() == 50);
static_assert(cost_of<S>(cheapest[0]).macs == min_macs<S>);
static_assert(front.size() >= 1 && thickest[0] != cheapest[0]);

}  // namespace
