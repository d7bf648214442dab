// expect-error: experiment: the storage needs open<Encoding>
#include "tepui/data/glyphs.hpp"
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

}  // namespace

int main() {
  Forgetful storage;
  const auto data = data::glyphs<Shape{1, 12, 12}>();
  (void)Experiment<Tiny>{}.run(data, Unobserved{}, storage);
}
