#include "tepui/data/augment.hpp"

#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/normalize.hpp"

using namespace tepui;
using namespace tepui::data;

// What is drawn is a constant expression of key and position.
constexpr random::Key key{1, random::Purpose::augment, 0};
static_assert(draw_augment(augmentation::none(), Shape{3, 32, 32}, key, 9) == AugmentDraw{});
static_assert(draw_augment(augmentation::darts(), Shape{3, 32, 32}, key, 9) ==
              draw_augment(augmentation::darts(), Shape{3, 32, 32}, key, 9));
static_assert(augmentation::nas_bench_201(16).crop_padding == 2);
static_assert(normalization::none<3>().deviation[2] == 1.0);
