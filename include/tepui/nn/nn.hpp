#pragma once

/// @file
/// Everything of nn/: layers, containers, networks.

#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/cell.hpp"
#include "tepui/nn/check_layer.hpp"
#include "tepui/nn/contains.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/nn/dropout.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/initialize.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/pass.hpp"
#include "tepui/nn/peak.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/nn/repeat.hpp"
#include "tepui/nn/residual.hpp"
#include "tepui/nn/sequential.hpp"
#include "tepui/nn/squeeze_excite.hpp"
#include "tepui/nn/zero.hpp"
