// expect-error: Maximize takes metrics whose larger values are better
#include "tepui/experiment/objective.hpp"
#include "tepui/metric/size.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
objective::Maximize<metric::Parameters> objective_of_mine;
#else
objective::Minimize<metric::Parameters> objective_of_mine;
#endif
[[maybe_unused]] const auto* used = &objective_of_mine;

}  // namespace
