#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/export/safetensors.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/version.hpp"

/// @file
/// The weights and running statistics of a network as named tensors in a safetensors file.

namespace tepui::io {
namespace detail {

/// One named part of a flat vector.
struct Part {
  std::string name;
  std::vector<std::int64_t> dims;
  std::size_t offset = 0, count = 0;
};

/// The parts of both vectors, each checked to lie inside its vector.
[[nodiscard]] inline std::vector<Part> parts_of(std::span<const ParameterInfo> infos,
                                                std::size_t size) {
  std::vector<Part> parts;
  for (const ParameterInfo& info : infos) {
    parts.push_back({info.name, {info.dims.begin(), info.dims.end()}, info.offset, info.count});
    if (info.offset > size || info.count > size - info.offset) {
      throw SettingError("parameter '" + info.name + "' ends at element " +
                         std::to_string(info.offset + info.count) + " of a vector of " +
                         std::to_string(size) + "; the description is of another network");
    }
  }
  return parts;
}
[[nodiscard]] inline std::vector<Part> parts_of(std::span<const nn::BufferInfo> infos,
                                                std::size_t size) {
  std::vector<Part> parts;
  for (const nn::BufferInfo& info : infos) {
    parts.push_back({info.name, {static_cast<std::int64_t>(info.count)}, info.offset, info.count});
    if (info.offset > size || info.count > size - info.offset) {
      throw SettingError("buffer '" + info.name + "' ends at element " +
                         std::to_string(info.offset + info.count) + " of a vector of " +
                         std::to_string(size) + "; the description is of another network");
    }
  }
  return parts;
}

/// Notes everything about `parts` in which the file differs.
template <class T>
void compare(const TensorFile& file, std::span<const Part> parts, std::set<std::string>& known,
             std::vector<std::string>& differences) {
  for (const Part& part : parts) {
    known.insert(part.name);
    const TensorView* tensor = file.find(part.name);
    const std::string wanted = std::string(dtype_of<T>()) + " " + dims_text(part.dims);
    if (tensor == nullptr) {
      differences.push_back("'" + part.name + "' " + wanted + " is missing in the file");
    } else if (tensor->dims != part.dims || tensor->dtype != dtype_of<T>()) {
      differences.push_back("'" + part.name + "' is " + tensor->dtype + " " +
                            dims_text(tensor->dims) + " in the file, the network wants " + wanted);
    }
  }
}

template <class T>
void copy_parts(const TensorFile& file, std::span<const Part> parts, std::span<T> to) {
  for (const Part& part : parts) {
    if (part.count == 0) continue;
    std::memcpy(to.data() + part.offset, file.find(part.name)->bytes.data(),
                part.count * sizeof(T));
  }
}

}  // namespace detail

/// @brief The safetensors file of a network's named tensors, bit for bit.
///
/// Call it with T written out, `parameters_bytes<float>(...)`, so that vectors convert to spans.
/// @param parameters flat learnable scalars, described by `infos`
/// @param buffers    flat state that is not learnt, described by `buffer_infos`
/// @param metadata   free text beside the tensors; the library version is added to it
/// @throws SettingError if descriptions and vectors do not fit
template <class T>
[[nodiscard]] std::vector<std::uint8_t> parameters_bytes(
    std::span<const T> parameters, std::span<const ParameterInfo> infos,
    std::span<const T> buffers = {}, std::span<const nn::BufferInfo> buffer_infos = {},
    Metadata metadata = {}) {
  std::vector<TensorView> tensors;
  for (detail::Part& part : detail::parts_of(infos, parameters.size())) {
    tensors.push_back(tensor_view(std::move(part.name), std::move(part.dims),
                                  parameters.subspan(part.offset, part.count)));
  }
  for (detail::Part& part : detail::parts_of(buffer_infos, buffers.size())) {
    tensors.push_back(tensor_view(std::move(part.name), std::move(part.dims),
                                  buffers.subspan(part.offset, part.count)));
  }
  metadata.emplace("tepui_version", version_string);
  return safetensors_bytes(tensors, metadata);
}

/// @brief Saves the named tensors of a network; see parameters_bytes.
/// @throws FileError if it cannot be written
template <class T>
void save_parameters(const std::filesystem::path& path, std::span<const T> parameters,
                     std::span<const ParameterInfo> infos, std::span<const T> buffers = {},
                     std::span<const nn::BufferInfo> buffer_infos = {}, Metadata metadata = {}) {
  write_file_atomically(path, std::span<const std::uint8_t>(parameters_bytes<T>(
                                  parameters, infos, buffers, buffer_infos, std::move(metadata))));
}

/// @brief Loads what save_parameters wrote. Checks everything first: on an error nothing changed.
/// @return the metadata of the file
/// @throws DataError if the file is damaged, or if its names, shapes or element type are not those
///         of the network; the message lists what differs
template <class T>
Metadata load_parameters(const std::filesystem::path& path, std::span<T> parameters,
                         std::span<const ParameterInfo> infos, std::span<T> buffers = {},
                         std::span<const nn::BufferInfo> buffer_infos = {}) {
  const TensorFile file = read_safetensors(path);
  const auto parameter_parts = detail::parts_of(infos, parameters.size());
  const auto buffer_parts = detail::parts_of(buffer_infos, buffers.size());
  std::set<std::string> known;
  std::vector<std::string> differences;
  detail::compare<T>(file, parameter_parts, known, differences);
  detail::compare<T>(file, buffer_parts, known, differences);
  for (const TensorView& tensor : file.tensors()) {
    if (!known.contains(tensor.name)) {
      differences.push_back("'" + tensor.name + "' is in the file, the network has no such tensor");
    }
  }
  if (!differences.empty()) {
    constexpr std::size_t most = 8;
    std::string message =
        "safetensors file '" + path.string() + "' does not hold the weights of this network:";
    for (std::size_t i = 0; i < std::min(most, differences.size()); ++i) {
      message += "\n  " + differences[i];
    }
    if (differences.size() > most) {
      message += "\n  and " + std::to_string(differences.size() - most) + " more";
    }
    throw DataError(message + "\nIt was saved from another architecture or element type.");
  }
  detail::copy_parts<T>(file, parameter_parts, parameters);
  detail::copy_parts<T>(file, buffer_parts, buffers);
  return file.metadata();
}

/// @brief A network with weights that can describe its tensors, such as nn::Model.
template <class M>
concept DescribedModel = requires(M& model) {
  typename M::Scalar;
  { model.parameters() } -> std::convertible_to<std::span<typename M::Scalar>>;
  { model.buffers() } -> std::convertible_to<std::span<typename M::Scalar>>;
  { std::as_const(model).describe() } -> std::same_as<nn::Description>;
};

/// @brief Saves the weights and running statistics of a model.
template <DescribedModel M>
void save_parameters(const std::filesystem::path& path, const M& model, Metadata metadata = {}) {
  const nn::Description d = model.describe();
  save_parameters<typename M::Scalar>(path, model.parameters(), d.parameters, model.buffers(),
                                      d.buffers, std::move(metadata));
}

/// @brief Loads the weights and running statistics of a model; on an error nothing changed.
/// @return the metadata of the file
template <DescribedModel M>
Metadata load_parameters(const std::filesystem::path& path, M& model) {
  const nn::Description d = model.describe();
  return load_parameters<typename M::Scalar>(path, model.parameters(), d.parameters,
                                             model.buffers(), d.buffers);
}

}  // namespace tepui::io
