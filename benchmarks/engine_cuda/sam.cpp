#include "cases.hpp"

namespace engine_cuda {

void add_sam(Cases& cases) {
  using Network = engine::Network<5, engine::all3x3>;
  cases.push_back(train_case<Network>("sgd_256", 256));
  cases.push_back(
      train_case<Network>("sam_256", 256, tepui::optim::Sam<>{.base = sgd, .rho = 0.05}));
}

}  // namespace engine_cuda
