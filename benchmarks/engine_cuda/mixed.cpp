#include "cases.hpp"

namespace engine_cuda {

void add_mixed(Cases& cases) {
  using Network = engine::Network<5, engine::mixed>;
  cases.push_back(train_case<Network>("train_mixed_256", 256));
  cases.push_back(train_case<Network>("train_mixed_64", 64));
}

}  // namespace engine_cuda
