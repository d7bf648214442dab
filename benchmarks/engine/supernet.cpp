#include <cstddef>
#include <memory>

#include "networks.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/operators.hpp"
#include "train.hpp"

namespace engine {

/// Another random path at every step.
void add_supernet(Cases& cases) {
  static constexpr int batch = 64;
  cases.push_back({.name = "supernet_n5",
                   .prepare = []() -> std::function<double()> {
                     auto training = std::make_shared<Training<Space<5>::Network>>(batch);
                     auto paths = std::make_shared<tepui::random::Stream>(
                         tepui::random::Key{1, tepui::random::Purpose::path, 0});
                     return [training, paths] {
                       const auto code = tepui::space::sample<Space<5>>(*paths);
                       training->step(code.data());
                       return train_gflop(tepui::cost_of<Space<5>>(code).macs, batch);
                     };
                   },
                   .images = batch});
}

}  // namespace engine
