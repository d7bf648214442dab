#include "tepui/data/dataset.hpp"

#include <string>

#include "tepui/core/shape.hpp"

using namespace tepui;
using namespace tepui::data;

static_assert(DatasetLike<Dataset<Shape{3, 32, 32}, 10>>);
static_assert(Dataset<Shape{3, 32, 32}, 10>::shape == Shape{3, 32, 32});
static_assert(Dataset<Shape{3, 32, 32}, 10>::classes == 10);

struct OwnData {
  static constexpr Shape shape{1, 8, 8};
  static constexpr int classes = 2;
  std::string name;
  Images<shape> train;
  Images<shape> test;
};
static_assert(DatasetLike<OwnData>);

struct WithoutTestImages {
  static constexpr Shape shape{1, 8, 8};
  static constexpr int classes = 2;
  std::string name;
  Images<shape> train;
};
static_assert(!DatasetLike<WithoutTestImages>);

struct OfTwoShapes {
  static constexpr Shape shape{1, 8, 8};
  static constexpr int classes = 2;
  std::string name;
  Images<shape> train;
  Images<Shape{1, 8, 9}> test;
};
static_assert(!DatasetLike<OfTwoShapes>);
static_assert(!DatasetLike<int>);
