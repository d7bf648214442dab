#include "networks.hpp"
#include "train.hpp"

namespace engine {

void add_small(Cases& cases) { cases.push_back(train_case<StudySized>("small", 32)); }

}  // namespace engine
