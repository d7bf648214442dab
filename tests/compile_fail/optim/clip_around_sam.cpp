// expect-error: Base owns a whole step .as Sam does. and cannot be wrapped
#include "tepui/optim/optim.hpp"

#ifdef EXPECT_ERROR
using Wrapped = tepui::optim::ClipNorm<tepui::optim::Sam<tepui::optim::Sgd>>;
#else
using Wrapped = tepui::optim::Sam<tepui::optim::ClipNorm<tepui::optim::Sgd>>;
#endif

double use();
double use() { return sizeof(Wrapped{}) > 0 ? 1.0 : 0.0; }
