#include "networks.hpp"
#include "train.hpp"

namespace engine {

void add_all3x3(Cases& cases) { cases.push_back(train_case<Network<5, all3x3>>("all3x3_n5", 64)); }

}  // namespace engine
