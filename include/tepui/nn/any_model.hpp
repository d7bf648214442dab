#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cpu.hpp"
#include "tepui/nn/basic_model.hpp"
#include "tepui/nn/model.hpp"

namespace tepui::nn {

/// @brief All that a model needs of one network, as numbers and functions.
///
/// Networks of the same input and classes have tables of one type, so that code which is compiled
/// for AnyModel serves all of them.
template <Shape Input, int Classes, class T = float, class Backend = backend::Cpu>
struct NetworkTable {
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  Extent saved;
  Extent scratch;
  bool has_drop_path = false;
  void (*describe)(Description& d, const std::uint8_t* choices) = nullptr;
  void (*forward)(Pass<Backend>& pass, const Forward<T>& at) = nullptr;
  void (*backward)(Pass<Backend>& pass, const Backward<T>& at) = nullptr;
};

namespace detail {

/// Runs the network that a table says.
template <class Table, class T, class Backend>
class TableRunner {
 public:
  explicit TableRunner(const Table& table) : table_(&table) {}

  std::size_t parameters() const { return table_->parameters; }
  std::size_t buffers() const { return table_->buffers; }
  Extent saved() const { return table_->saved; }
  Extent scratch() const { return table_->scratch; }
  bool has_drop_path() const { return table_->has_drop_path; }
  void describe(Description& d, const std::uint8_t* choices) const { table_->describe(d, choices); }
  void forward(Pass<Backend>& pass, const Forward<T>& at) const { table_->forward(pass, at); }
  void infer(Backend& backend, const Forward<T>& at) const {
    Pass<Backend> pass{.backend = backend, .keeps = false};
    table_->forward(pass, at);
  }
  void backward(Pass<Backend>& pass, const Backward<T>& at) const { table_->backward(pass, at); }

 private:
  const Table* table_;
};

template <Shape Input, int Classes, class T, class Backend>
using AnyModelOf = BasicModel<TableRunner<NetworkTable<Input, Classes, T, Backend>, T, Backend>,
                              Input, Classes, T, Backend>;

}  // namespace detail

/// @brief The table of a network type.
template <class Network, class T = float, class Backend = backend::Cpu>
inline constexpr NetworkTable<Network::input, static_cast<int>(Network::output.size()), T, Backend>
    table_of{.parameters = Network::parameters,
             .buffers = Network::buffers,
             .saved = detail::StaticRunner<Network, T, Backend>::saved(),
             .scratch = detail::StaticRunner<Network, T, Backend>::scratch(),
             .has_drop_path = detail::StaticRunner<Network, T, Backend>::has_drop_path(),
             .describe = &detail::StaticRunner<Network, T, Backend>::describe,
             .forward = &detail::StaticRunner<Network, T, Backend>::forward,
             .backward = &detail::StaticRunner<Network, T, Backend>::backward};

/// @brief A Model whose network is chosen at run time, among types with the same input and classes.
///
/// What is written for it (training, evaluation, metrics) is compiled once however many networks
/// there are. Every network is still compiled with its sizes as constants; a trip takes one call
/// through a pointer more. Computes the same bits as Model.
template <Shape Input, int Classes, class T = float, class Backend = backend::Cpu>
class AnyModel : public detail::AnyModelOf<Input, Classes, T, Backend> {
  using Base = detail::AnyModelOf<Input, Classes, T, Backend>;
  using Runner = detail::TableRunner<NetworkTable<Input, Classes, T, Backend>, T, Backend>;

 public:
  using Table = NetworkTable<Input, Classes, T, Backend>;

  /// @param table     of the network; must outlive the model
  /// @param max_batch largest number of samples in one trip, >= 1
  /// @throws SettingError if max_batch < 1
  explicit AnyModel(const Table& table, int max_batch = 1, Backend backend = {})
      : Base(Runner(table), max_batch, backend) {}

  /// @brief Becomes a model of another network, as if it were new. Memory is taken only for what
  /// is larger than before.
  void use(const Table& table) { this->run_with(Runner(table)); }
};

}  // namespace tepui::nn
