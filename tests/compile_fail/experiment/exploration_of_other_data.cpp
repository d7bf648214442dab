// expect-error: exploration: the data set's images have another shape than the space takes
#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/exploration.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;

constexpr auto light = select<space::Small<>>([](Cost c) { return c.params < 1'900; });
#ifdef EXPECT_ERROR
constexpr Shape shape{3, 32, 32};
#else
constexpr Shape shape{3, 16, 16};
#endif

[[maybe_unused]] void explore() {
  (void)Exploration<light, train::FromScratch<>, objective::Maximize<metric::Accuracy>,
                    backend::Cpu, 2>{}
      .run(data::glyphs<shape>());
}

}  // namespace
