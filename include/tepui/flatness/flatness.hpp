#pragma once

#include "tepui/flatness/flat_nas.hpp"
#include "tepui/flatness/genas.hpp"
#include "tepui/flatness/hessian_trace.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/flatness/perturbation.hpp"
#include "tepui/flatness/sam_sharpness.hpp"
#include "tepui/flatness/top_eigenvalue.hpp"
