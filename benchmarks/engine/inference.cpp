#include <memory>
#include <string>
#include <utility>

#include "engine.hpp"
#include "networks.hpp"
#include "tepui/nn/model.hpp"

namespace engine {
namespace {

template <class Net>
Case inference_case(std::string name) {
  return {.name = std::move(name),
          .threads = 1,
          .prepare = []() -> std::function<double()> {
            auto model = std::make_shared<tepui::nn::Model<Net>>(1);
            model->initialize({1, tepui::random::Purpose::initialize});
            auto image = std::make_shared<std::vector<float>>(noise(Net::input.size(), 0));
            return [model, image] {
              (void)(*model)(*image);
              return 2e-9 * static_cast<double>(Net::cost().macs);
            };
          },
          .images = 1};
}

}  // namespace

/// One image at a time on one thread.
void add_inference(Cases& cases) {
  cases.push_back(inference_case<Network<5, all3x3>>("infer_all3x3_n5"));
  cases.push_back(inference_case<Network<1, mixed>>("infer_mixed_n1"));
}

}  // namespace engine
