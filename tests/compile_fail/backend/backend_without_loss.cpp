// expect-error: network: the third argument must be a backend
#include "tepui/nn/model.hpp"
#include "tepui/nn/nn.hpp"

namespace {

struct Half {
  static constexpr std::string_view name = "half";
  template <class T>
  using Buffer = tepui::backend::Cpu::Buffer<T>;
#ifdef EXPECT_ERROR
  template <class T>
  static void copy(std::size_t, const T*, T*) {}
#endif
};

#ifdef EXPECT_ERROR
using Chosen = Half;
#else
using Chosen = tepui::backend::Cpu;
#endif

using Net = tepui::nn::Network<tepui::Shape{3, 8, 8}, tepui::nn::Relu, tepui::nn::GlobalAvgPool>;

}  // namespace

int main() {
  tepui::nn::Model<Net, float, Chosen> model(1);
  return model.max_batch() - 1;
}
