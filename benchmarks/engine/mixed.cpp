#include "networks.hpp"
#include "train.hpp"

namespace engine {

void add_mixed(Cases& cases) {
  cases.push_back(train_case<Network<5, mixed>>("mixed_n5", 64));
  cases.push_back(train_case<Network<1, mixed>>("mixed_n1", 64));
}

}  // namespace engine
