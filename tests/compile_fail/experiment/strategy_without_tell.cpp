// expect-error: experiment: the strategy needs a nested Run
#include "tepui/experiment/experiment.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"

namespace {

using namespace tepui;

using Mine = Space<Shape{3, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<3, 3>>,
                   nn::GlobalAvgPool, nn::Linear<10>>;
struct Mute {
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
  template <class S>
  struct Run {
    Run(const Mute&, const search::Problem<S>&) {}
    std::vector<typename S::Encoding> ask(int) { return {}; }
#ifdef EXPECT_ERROR
#else
    void tell(const typename S::Encoding&, const search::Outcome&) {}
#endif
  };
};
using Tried = Experiment<Mine, train::SinglePath<>, objective::Maximize<metric::Accuracy>, Mute>;
static_assert(sizeof(Tried) > 0);

}  // namespace
