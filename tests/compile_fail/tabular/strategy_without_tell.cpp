// expect-error: simulation: the strategy needs a nested Run
#include "tepui/tabular/simulate.hpp"

namespace {

using namespace tepui;

struct Mute {
  template <class S>
  struct Run {
    Run(const Mute&, const search::Problem<S>&) {}
    std::vector<typename S::Encoding> ask(int) { return {}; }
#ifdef EXPECT_ERROR
#else
    void tell(const typename S::Encoding&, const search::Outcome&) {}
#endif
  };
};

[[maybe_unused]] tabular::Trajectory found(const tabular::Simulation<>& simulation) {
  return simulation.run(Mute{});
}

}  // namespace
