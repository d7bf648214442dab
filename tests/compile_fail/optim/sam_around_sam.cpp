// expect-error: Base owns a whole step .as Sam does. and cannot be wrapped
#include "tepui/optim/optim.hpp"

#ifdef EXPECT_ERROR
using Base = tepui::optim::Sam<tepui::optim::Sgd>;
#else
using Base = tepui::optim::Sgd;
#endif

double use();
double use() { return sizeof(tepui::optim::Sam<Base>{}) > 0 ? 1.0 : 0.0; }
