// expect-error: experiment: the storage needs open<Encoding>
#include "tepui/data/dataset.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/choice.hpp"

namespace {

using namespace tepui;
using Tiny = Space<Shape{1, 12, 12}, space::Choice<0, nn::Relu, nn::Identity>, nn::GlobalAvgPool,
                   nn::Linear<10>>;

struct Forgetful {
  template <class E>
  Recorded<E> open(const io::Json&) {
    return {};
  }
  void keep(const SharedWeights&) {}
#ifndef EXPECT_ERROR
  template <class E>
  void append(const Trial<E>&) {}
#endif
};

void use(const data::Dataset<Shape{1, 12, 12}, 10>& images) {
  Forgetful storage;
  (void)Experiment<Tiny>{}.run(images, Unobserved{}, storage);
}
[[maybe_unused]] const auto used = &use;

}  // namespace
