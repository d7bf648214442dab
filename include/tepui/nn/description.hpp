#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/parameter.hpp"

namespace tepui::nn {

/// One tensor inside the flat vector of state that is not learnt (running statistics).
struct BufferInfo {
  std::string name;
  std::size_t offset = 0;
  std::size_t count = 0;
  double initial = 0;
};

/// @brief Collects names, shapes and places of the tensors of a network, in memory order.
///
/// Layers describe themselves to it at run time, once; nothing here is on a hot path.
class Description {
 public:
  /// @param choices one option per decision; null describes every option of every choice
  explicit Description(const std::uint8_t* choices = nullptr) : choices_(choices) {}

  void parameter(std::string name, ParameterKind kind, std::vector<int> dims, int fan_in) {
    std::size_t count = 1;
    for (int d : dims) count *= static_cast<std::size_t>(d);
    parameters.push_back(
        {prefix_ + name, kind, std::move(dims), parameter_offset_, count, fan_in, path_count_});
    parameter_offset_ += count;
  }
  void buffer(std::string name, std::size_t count, double initial) {
    buffers.push_back({prefix_ + name, buffer_offset_, count, initial});
    buffer_offset_ += count;
  }
  /// Entries of a cell's weight vector that never change: what weight-angle metrics read a pooling
  /// window as. Outside cells nothing is recorded.
  void constant(std::size_t count, double value) {
    if (in_cell_) constants.push_back({count, value, path_count_});
  }
  /// Describes what `inside()` describes under "name.".
  template <class Inside>
  void scope(const std::string& name, Inside&& inside) {
    const std::size_t length = prefix_.size();
    prefix_ += name + ".";
    inside();
    prefix_.resize(length);
  }
  /// Everything described by `inside()` lies on `count` paths through its cell.
  template <class Inside>
  void on_paths(int count, Inside&& inside) {
    const int outer_count = std::exchange(path_count_, count);
    const bool outer_cell = std::exchange(in_cell_, true);
    inside();
    path_count_ = outer_count;
    in_cell_ = outer_cell;
  }
  /// Passes over the tensors of an option that the choices do not take.
  void skip(std::size_t parameter_count, std::size_t buffer_count) {
    parameter_offset_ += parameter_count;
    buffer_offset_ += buffer_count;
  }
  [[nodiscard]] const std::uint8_t* choices() const { return choices_; }
  /// Notes whether a cell lets anything through.
  void cell_connected(bool connected) { connected_ = connected_ && connected; }
  [[nodiscard]] bool connected() const { return connected_; }

  struct Constant {
    std::size_t count = 0;
    double value = 0;
    int path_count = 1;
  };

  std::vector<ParameterInfo> parameters;
  std::vector<BufferInfo> buffers;
  std::vector<Constant> constants;

 private:
  const std::uint8_t* choices_;
  std::string prefix_;
  std::size_t parameter_offset_ = 0;
  std::size_t buffer_offset_ = 0;
  int path_count_ = 1;
  bool in_cell_ = false;
  bool connected_ = true;
};

}  // namespace tepui::nn
