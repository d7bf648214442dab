// expect-error: experiment: the data set has another number of classes than the space's network
#include "tepui/experiment/experiment.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"

namespace {

using namespace tepui;

using Mine = Space<Shape{3, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<3, 3>>,
                   nn::GlobalAvgPool, nn::Linear<10>>;
void use(const data::Dataset<Shape{3, 8, 8}, 10>& fits,
         const data::Dataset<Shape{3, 8, 8}, 100>& more) {
  (void)fits;
  (void)more;
#ifdef EXPECT_ERROR
  (void)Experiment<Mine>{}.run(more);
#else
  (void)Experiment<Mine>{}.run(fits);
#endif
}
[[maybe_unused]] const auto used = &use;

}  // namespace
