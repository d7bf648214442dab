// expect-error: experiment: the data set's images have another shape than the space takes
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
         const data::Dataset<Shape{1, 8, 8}, 10>& grey) {
  (void)fits;
  (void)grey;
#ifdef EXPECT_ERROR
  (void)Experiment<Mine>{}.run(grey);
#else
  (void)Experiment<Mine>{}.run(fits);
#endif
}
[[maybe_unused]] const auto used = &use;

}  // namespace
