// expect-error: for_each_architecture: the visitor must be callable as \[\]<class Architecture>\(\)
#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/small.hpp"

namespace {

constexpr auto all = tepui::select<tepui::space::Small<>>([](tepui::Cost) { return true; });

[[maybe_unused]] void visit() {
#ifdef EXPECT_ERROR
  tepui::for_each_architecture<all>([](auto) {});
#else
  tepui::for_each_architecture<all>([]<class Architecture>(auto) {});
#endif
}

}  // namespace
