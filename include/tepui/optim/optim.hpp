#pragma once

#include "tepui/optim/adam.hpp"
#include "tepui/optim/asam.hpp"
#include "tepui/optim/clip_norm.hpp"
#include "tepui/optim/optimizer.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/optim/schedule.hpp"
#include "tepui/optim/sgd.hpp"
