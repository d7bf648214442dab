#include "tepui/nn/pair_cell.hpp"

#include <type_traits>

#include "tepui/nn/nn.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/space.hpp"

/// @file
/// Shapes and sizes of layers of two inputs, and decision points inside them.

namespace {

using namespace tepui;
using namespace tepui::nn;

template <class Operation>
using Joined =
    PairCell<Conv2d<4, 1, 2>, Conv2d<4, 1>,
             types<Edge<0, 2, Operation>, Edge<1, 2, Identity>, Edge<2, 3, MaxPool<3, 1, 1>>>, 3,
             2>;
using Cell3 = Joined<Conv2d<4, 3>>;

static_assert(PairLayer<Cell3> && !Layer<Cell3>);
static_assert(Cell3::check({3, 8, 8}, {5, 4, 4}) == Rule::fits);
static_assert(Cell3::check({3, 8, 8}, {5, 8, 8}) ==
              Rule::edges_into_a_node_must_give_the_same_shape);
static_assert(Cell3::check({0, 8, 8}, {5, 4, 4}) == Rule::an_inner_layer_refuses_its_input);
static_assert(Cell3::output({3, 8, 8}, {5, 4, 4}) == Shape{8, 4, 4});
static_assert(Cell3::parameters({3, 8, 8}, {5, 4, 4}) == 3 * 4 + 5 * 4 + 9 * 4 * 4);

static_assert(Crop<1, 2>::output({3, 4, 5}) == Shape{3, 3, 3});
static_assert(Crop<4>::check({3, 4, 5}) == Rule::nothing_is_left_of_the_input);
static_assert(Concat<Conv2d<2, 1>, Identity>::output({3, 4, 5}) == Shape{5, 4, 5});
static_assert(Concat<Conv2d<2, 1>, MaxPool<2>>::check({3, 4, 4}) ==
              Rule::concatenated_parts_must_have_the_same_height_and_width);

// Decision points may stand in them as anywhere.
using Pick = space::Choice<0, Conv2d<4, 3>, Identity>;
template <class Operation>
using Chain = PairChain<Conv2d<3, 3, 2>, Joined<Operation>>;
using Two = Space<Shape{3, 8, 8}, Chain<Pick>, Linear<2>>;
template <class Operation>
using Static = Network<Shape{3, 8, 8}, Chain<Operation>, Linear<2>>;
static_assert(std::is_same_v<materialize_t<Two, Two::Encoding{{0}}>, Static<Conv2d<4, 3>>>);
static_assert(std::is_same_v<materialize_t<Two, Two::Encoding{{1}}>, Static<Identity>>);
static_assert(cost_of<Two>({{0}}) == Static<Conv2d<4, 3>>::cost());
static_assert(cost_of<Two>({{1}}) == Static<Identity>::cost());

}  // namespace
