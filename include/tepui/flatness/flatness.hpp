#pragma once

#include "tepui/flatness/genas.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/flatness/perturbation.hpp"
