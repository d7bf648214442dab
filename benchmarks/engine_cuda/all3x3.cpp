#include "cases.hpp"

namespace engine_cuda {

void add_all3x3(Cases& cases) {
  using Network = engine::Network<5, engine::all3x3>;
  cases.push_back(train_case<Network>("train_all3x3_256", 256));
  cases.push_back(train_case<Network>("train_all3x3_64", 64));
}

}  // namespace engine_cuda
