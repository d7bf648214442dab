// expect-error: recipe: the optimizer needs State
#include "tepui/train/recipe.hpp"

namespace {

using namespace tepui;

struct Lazy {
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
  template <class T>
  struct State {};
  template <class T>
  [[nodiscard]] State<T> start(std::size_t) const {
    return {};
  }
#ifdef EXPECT_ERROR
#else
  template <class T>
  void apply(State<T>&, const optim::Target<T>&) const {}
#endif
};
static_assert(sizeof(train::Recipe<Lazy>) > 0);

}  // namespace
