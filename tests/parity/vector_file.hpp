#pragma once

#include <cstddef>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

/// @file
/// Reads the reference vectors that make_vectors.py wrote; the format is described there.

namespace tepui::test {

/// One case: attributes and tensors by name. Asking for a missing name throws.
class VectorFile {
 public:
  /// @param name without folder and ending, for example "conv_3x3"
  explicit VectorFile(const std::string& name)
      : path_(TEPUI_TEST_SOURCE_DIR "/tests/parity/vectors/") {
    path_.append(name).append(".txt");
    std::ifstream in(path_);
    std::string word;
    int version = 0;
    if (!(in >> word >> version) || word != "tepui-vectors" || version != 1) {
      throw std::runtime_error(path_ + ": not a vector file of version 1");
    }
    while (in >> word && word != "end") {
      std::string key;
      if (word == "op") {
        in >> op_;
      } else if (word == "int") {
        in >> ints_[read(in, key)];
      } else if (word == "real") {
        in >> reals_[read(in, key)];
      } else if (word == "tensor") {
        Tensor t;
        std::size_t rank = 0;
        in >> key >> rank;
        std::size_t count = 1;
        for (std::size_t d = 0; d < rank; ++d) {
          int size = 0;
          in >> size;
          t.dims.push_back(size);
          count *= static_cast<std::size_t>(size);
        }
        t.values.resize(count);
        for (auto& v : t.values) in >> v;
        tensors_[key] = t;
      } else {
        break;
      }
    }
    if (!in || word != "end") throw std::runtime_error(path_ + ": damaged at " + word);
  }

  [[nodiscard]] const std::string& op() const { return op_; }
  [[nodiscard]] int integer(const std::string& name) const { return find(ints_, name); }
  [[nodiscard]] double real(const std::string& name) const { return find(reals_, name); }
  [[nodiscard]] bool has(const std::string& name) const { return tensors_.count(name) != 0; }
  [[nodiscard]] const std::vector<int>& dims(const std::string& name) const {
    return find(tensors_, name).dims;
  }
  [[nodiscard]] const std::vector<double>& exact(const std::string& name) const {
    return find(tensors_, name).values;
  }
  /// In single precision, as the backend takes it.
  [[nodiscard]] std::vector<float> values(const std::string& name) const {
    std::vector<float> result;
    for (const double v : exact(name)) result.push_back(static_cast<float>(v));
    return result;
  }

 private:
  struct Tensor {
    std::vector<int> dims;
    std::vector<double> values;
  };
  static std::string read(std::istream& in, std::string& key) {
    in >> key;
    return key;
  }
  template <class Map>
  const typename Map::mapped_type& find(const Map& map, const std::string& name) const {
    const auto found = map.find(name);
    if (found == map.end()) throw std::runtime_error(path_ + ": has no " + name);
    return found->second;
  }
  std::string path_;
  std::string op_;
  std::map<std::string, int> ints_;
  std::map<std::string, double> reals_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace tepui::test
