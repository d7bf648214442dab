// expect-error: network: the third argument must be a backend
#include "tepui/nn/model.hpp"
#include "tepui/nn/nn.hpp"

namespace {

#ifdef EXPECT_ERROR
struct Mine {
  template <class T>
  using Buffer = tepui::backend::Cpu::Buffer<T>;
  template <class T>
  static void copy(std::size_t, const T*, T*) {}
};
#else
struct Mine : tepui::backend::Cpu {};
#endif

using Net = tepui::nn::Network<tepui::Shape{3, 8, 8}, tepui::nn::Relu, tepui::nn::GlobalAvgPool>;

[[maybe_unused]] int largest_batch() {
  tepui::nn::Model<Net, float, Mine> model(1);
  return model.max_batch();
}

}  // namespace
