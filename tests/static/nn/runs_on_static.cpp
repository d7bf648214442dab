// Every layer of the library runs on devices; one of a user's does so if it says it.
#include "tepui/nn/runs_on.hpp"

#include "support/custom_layer.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/choice.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;

struct Device : backend::Cpu {
  static constexpr bool on_device = true;
};
static_assert(!backend::on_device<backend::Cpu> && backend::on_device<Device>);

template <class... L>
constexpr bool all_run = (require_runs_on<L, Device>() && ...);

static_assert(all_run<Conv2d<4, 3>, DepthwiseConv2d<3>, BatchNorm2d<>, Relu, HardSwish, Linear<3>,
                      MaxPool<2>, AvgPool<2>, GlobalAvgPool, SqueezeExcite<2>, Dropout<10>,
                      DropPath, Identity, Zero<>, Crop<1>>);
static_assert(
    all_run<Sequential<Relu, Identity>, Repeat<2, Relu>, Residual<Relu>, Cell<2, Edge<0, 1, Relu>>,
            Concat<Relu, Identity>, space::Choice<0, Relu, Identity>>);
using Joined =
    PairCell<Conv2d<4, 1>, Conv2d<4, 1>, types<Edge<0, 2, Relu>, Edge<1, 2, Identity>>, 2>;
static_assert(all_run<PairChain<Conv2d<4, 1>, Joined>>);

// On the processor nothing need be said.
static_assert(require_runs_on<Sequential<my::ChannelScale>, backend::Cpu>());
static_assert(
    std::is_same_v<decltype(nn::detail::processor_layer<
                            Sequential<Relu, Residual<my::ChannelScale>, Identity>>())::type,
                   my::ChannelScale>);

}  // namespace
