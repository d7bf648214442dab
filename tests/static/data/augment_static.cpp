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
// So is what each pixel shows.
constexpr AugmentDraw moved{.shift_y = 1, .shift_x = -1, .flip = true};
static_assert(source_of(moved, Shape{3, 4, 5}, 1, 0) == 2 * 5 + 3);
static_assert(source_of(moved, Shape{3, 4, 5}, 3, 0) < 0);
static_assert(source_of(moved, Shape{3, 4, 5}, 1, 4) < 0);
constexpr AugmentDraw cut{.hole_top = 1, .hole_bottom = 2, .hole_left = 0, .hole_right = 3};
static_assert(in_hole(cut, 1, 2) && !in_hole(cut, 1, 3) && !in_hole(cut, 2, 0));
static_assert(augmentation::nas_bench_201(16).crop_padding == 2);
static_assert(normalization::none<3>().deviation[2] == 1.0);
