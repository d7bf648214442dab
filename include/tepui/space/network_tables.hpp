#pragma once

#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/nn/any_model.hpp"
#include "tepui/space/space.hpp"

namespace tepui::space {

/// @brief A visitor for for_each_architecture that collects the networks, to be run by
/// nn::AnyModel.
template <SearchSpace S, class T = float, class Backend = backend::Cpu>
struct NetworkTables {
  using Table = nn::NetworkTable<S::input, static_cast<int>(S::Network::output.size()), T, Backend>;

  std::vector<const Table*> tables;  ///< in the order of the visits

  template <class Architecture>
  void operator()() {
    tables.push_back(&nn::table_of<Architecture, T, Backend>);
  }
};

}  // namespace tepui::space
