#include "networks.hpp"
#include "train.hpp"

namespace engine {

void add_mbconv(Cases& cases) { cases.push_back(train_case<MbConvStack>("mbconv", 64)); }

}  // namespace engine
