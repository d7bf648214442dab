// expect-error: recipe: the schedule needs double factor
#include "tepui/train/recipe.hpp"

namespace {

using namespace tepui;

struct Flat {
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
#ifdef EXPECT_ERROR
#else
  [[nodiscard]] double factor(const optim::Progress&) const { return 1; }
#endif
};
static_assert(sizeof(train::Recipe<optim::Sgd, Flat>) > 0);

}  // namespace
