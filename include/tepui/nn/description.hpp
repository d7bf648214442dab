#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
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

namespace detail {

/// Tensors that are not listed at present, by offset. Listing one again where it was listed before
/// takes no memory: its strings and vectors have their room already.
template <class Info>
class Unlisted {
 public:
  /// @return a new last element of `listed`; what it holds means nothing but its offset
  Info& list(std::size_t offset, std::vector<Info>& listed) {
    auto known = place(offset);
    if (known == known_.end() || known->offset != offset) {
      known = known_.emplace(known);
      known->offset = offset;
    }
    Info& result = listed.emplace_back(std::move(*known));
    result.offset = offset;
    return result;
  }
  /// Takes all of them back, whatever was done to them.
  void take_back(std::vector<Info>& listed) {
    for (Info& info : listed) {
      const auto known = place(info.offset);
      if (known != known_.end() && known->offset == info.offset) *known = std::move(info);
    }
    listed.clear();
  }

 private:
  auto place(std::size_t offset) {
    return std::lower_bound(
        known_.begin(), known_.end(), offset,
        [](const Info& info, std::size_t value) { return info.offset < value; });
  }
  std::vector<Info> known_;  // in the order of their offsets; what is listed leaves a husk
};

}  // namespace detail

/// @brief Collects names, shapes and places of the tensors of a network, in memory order.
///
/// Layers describe themselves to it at run time. One description can be used for many paths of a
/// supernet, one after the other; a tensor it has met takes no memory again.
class Description {
 public:
  /// @param choices one option per decision; null describes every option of every choice
  explicit Description(const std::uint8_t* choices = nullptr) : choices_(choices) {}

  /// Forgets what is described, so that a path can be described from its beginning.
  void restart(const std::uint8_t* choices) {
    unlisted_parameters_.take_back(parameters);
    unlisted_buffers_.take_back(buffers);
    constants.clear();
    taken.clear();
    choices_ = choices;
    parameter_offset_ = 0;
    buffer_offset_ = 0;
    connected_ = true;
  }

  void parameter(std::string_view name, ParameterKind kind, std::initializer_list<int> dims,
                 int fan_in) {
    ParameterInfo& info = unlisted_parameters_.list(parameter_offset_, parameters);
    info.name.assign(prefix_).append(name);
    info.kind = kind;
    info.dims.assign(dims);
    info.count = 1;
    for (int d : dims) info.count *= static_cast<std::size_t>(d);
    info.fan_in = fan_in;
    info.path_count = path_count_;
    parameter_offset_ += info.count;
  }
  void buffer(std::string_view name, std::size_t count, double initial) {
    BufferInfo& info = unlisted_buffers_.list(buffer_offset_, buffers);
    info.name.assign(prefix_).append(name);
    info.count = count;
    info.initial = initial;
    buffer_offset_ += count;
  }
  /// Entries of a cell's weight vector that never change: what weight-angle metrics read a pooling
  /// window as. Outside cells nothing is recorded.
  void constant(std::size_t count, double value) {
    if (in_cell_) constants.push_back({count, value, path_count_});
  }
  /// Describes what `inside()` describes under "name.".
  template <class Inside>
  void scope(std::string_view name, Inside&& inside) {
    const std::size_t length = enter(name, {});
    inside();
    prefix_.resize(length);
  }
  /// Under the name and the number, for example "option2.".
  template <class Inside>
  void scope(std::string_view name, std::size_t number, Inside&& inside) {
    const std::size_t length = enter(name, {number});
    inside();
    prefix_.resize(length);
  }
  /// Under the name and both numbers, for example "edge0_1.".
  template <class Inside>
  void scope(std::string_view name, std::size_t first, std::size_t second, Inside&& inside) {
    const std::size_t length = enter(name, {first, second});
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
  /// Notes which option a decision point takes. A layer of your own that looks at the choices has
  /// to say so: a device replays what it recorded along the same path.
  void take(std::size_t decision, std::size_t option) {
    if (taken.size() <= decision) taken.resize(decision + 1, 0);
    taken[decision] = static_cast<std::uint16_t>(option + 1);
  }
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
  /// Of each decision that was met, 1 + its option; 0 for others. Says which path this is.
  std::vector<std::uint16_t> taken;

 private:
  std::size_t enter(std::string_view name, std::initializer_list<std::size_t> numbers) {
    const std::size_t length = prefix_.size();
    prefix_ += name;
    for (const std::size_t& number : numbers) {
      if (&number != numbers.begin()) prefix_ += '_';
      prefix_ += std::to_string(number);
    }
    prefix_ += '.';
    return length;
  }

  const std::uint8_t* choices_;
  detail::Unlisted<ParameterInfo> unlisted_parameters_;
  detail::Unlisted<BufferInfo> unlisted_buffers_;
  std::string prefix_;
  std::size_t parameter_offset_ = 0;
  std::size_t buffer_offset_ = 0;
  int path_count_ = 1;
  bool in_cell_ = false;
  bool connected_ = true;
};

}  // namespace tepui::nn
