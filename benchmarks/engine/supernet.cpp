#include <iterator>
#include <memory>

#include "networks.hpp"
#include "tepui/space/cost.hpp"
#include "train.hpp"

namespace engine {

/// Eight paths, the same ones as in pytorch_networks.py: one step takes all of them, so that
/// every step is the same work.
constexpr tepui::Encoding<6> paths[]{
    {{4, 2, 1, 4, 4, 0}}, {{0, 1, 3, 3, 2, 3}}, {{2, 4, 0, 1, 3, 2}}, {{3, 3, 4, 2, 0, 1}},
    {{1, 0, 2, 3, 1, 4}}, {{2, 3, 3, 0, 4, 1}}, {{4, 1, 0, 2, 3, 3}}, {{0, 2, 1, 4, 2, 0}}};

void add_supernet(Cases& cases) {
  static constexpr int batch = 64;
  cases.push_back({.name = "supernet_n5",
                   .prepare = []() -> std::function<double()> {
                     auto training = std::make_shared<Training<Space<5>::Network>>(batch);
                     return [training] {
                       double work = 0;
                       for (const auto& code : paths) {
                         training->step(code.data());
                         work += train_gflop(tepui::cost_of<Space<5>>(code).macs, batch);
                       }
                       return work;
                     };
                   },
                   .images = batch * static_cast<int>(std::size(paths))});
}

}  // namespace engine
