"""The translation units that measure.py compiles: what each is, and which target it has.

A case is a list of headers and a body. What is reported is the body: the same headers alone are
compiled, too, and taken off.
"""
import dataclasses
import random
import typing


@dataclasses.dataclass
class Case:
    name: str
    what: str
    headers: list
    body: str
    series: str = ""            # name of the curve that it is a point of
    n: int = 0                  # and its place there
    compiler: str = "g++"
    target: typing.Optional[float] = None         # seconds of CPU
    memory_target: typing.Optional[float] = None  # MB
    include: str = ""           # "dlib": needs --dlib
    alone: bool = False         # the headers count, too
    units: int = 1              # equal translation units, compiled two at a time; wall time counts


OPERATIONS = 5


def encodings(count):
    """Different cells of NAS-Bench-201 that use all five operations, so that they share all shapes."""
    draw = random.Random(201)
    found = []
    while len(found) < count:
        code = tuple(draw.randrange(OPERATIONS) for _ in range(6))
        if len(set(code)) == OPERATIONS and code not in found:
            found.append(code)
    return sorted(found)


def code_text(code):
    return "{{" + ", ".join(map(str, code)) + "}}"


# --- what is done with a network ------------------------------------------------------------------

INFER = """
template <class Network>
float infer(const float* image) {
  static tepui::nn::Model<Network> model(1);
  return model({image, Network::input.size()})[0];
}
"""

TRAIN = """
template <class Network>
double train_network(const tepui::data::Dataset<Network::input, 10>& data) {
  using namespace tepui;
  train::Recipe<optim::Sgd> recipe{.epochs = 2, .batch = 32};
  const auto normalization = data::measure(data.train);
  nn::Model<Network> model(32);
  model.initialize({1, random::Purpose::initialize});
  data::Loader<float, Network::input> loader(data.train, normalization, {.batch = 32}, 1);
  train::run_training(
      model, recipe, loader, {1, random::Purpose::dropout}, [](long) { return nullptr; },
      [](const train::Step&) {});
  const auto all = data::all_indices(data.test.size());
  const train::EvaluationSet<float, Network::input> images(data.test, all, normalization, 32);
  return train::evaluate(model, images).accuracy;
}
"""

NETWORK_HEADERS = ["tepui/nn/nn.hpp"]
SPACE_HEADERS = ["tepui/nn/nn.hpp", "tepui/space/nas_bench_201.hpp", "tepui/space/materialize.hpp"]
SELECT_HEADERS = ["tepui/space/nas_bench_201.hpp", "tepui/space/select.hpp"]
TRAIN_HEADERS = ["tepui/nn/nn.hpp", "tepui/optim/sgd.hpp", "tepui/data/dataset.hpp",
                 "tepui/data/loader.hpp", "tepui/data/normalize.hpp", "tepui/data/split.hpp",
                 "tepui/train/evaluation_set.hpp", "tepui/train/trainer.hpp"]
VISIT_HEADERS = TRAIN_HEADERS + ["tepui/space/nas_bench_201.hpp",
                                 "tepui/space/for_each_architecture.hpp"]


def inferring(network):
    return INFER + f"using Net = {network};\ntemplate float infer<Net>(const float*);\n"


def training(network):
    return (TRAIN + f"using Net = {network};\n"
            "template double train_network<Net>(const tepui::data::Dataset<Net::input, 10>&);\n")


# --- the targets ----------------------------------------------------------------------------------

# How fast a machine is: seconds for this text, and those of the machine that targets are meant for.
YARDSTICK = Case("yardstick", "whole headers of what we stand on",
                 ["eigen3/Eigen/Core", "oneapi/tbb.h", "boost/hana.hpp"], "")
REFERENCE = 1.6
DEPENDENCIES = ["nlohmann/json.hpp", "tbb/blocked_range.h", "tbb/global_control.h", "tbb/info.h",
                "tbb/parallel_for.h", "tbb/task_arena.h", "boost/hana/bool.hpp",
                "boost/hana/cartesian_product.hpp", "boost/hana/filter.hpp",
                "boost/hana/transform.hpp", "boost/hana/tuple.hpp", "boost/hana/type.hpp",
                "boost/hana/unpack.hpp", "zlib.h"]

SELECT = """
using Space = tepui::space::NasBench201<>;
constexpr auto light = tepui::select<Space>([](tepui::Cost c) { return c.params < 300'000; });
static_assert(light.size() > 1000 && light.size() < 15'625);
"""

COUNT = """
using Space = tepui::space::NasBench201<>;
constexpr std::size_t light =
    tepui::count_if<Space>([](tepui::Cost c) { return c.params < 300'000; });
static_assert(light > 1000 && light < 15'625);
"""


def n5(code):
    return ("using Space = tepui::space::NasBench201<16, 5>;\n"
            f"inline constexpr tepui::Encoding<6> code{code_text(code)};\n")


def static_n5(code):
    return n5(code) + inferring("tepui::materialize_t<Space, code>")


def visiting(codes, train):
    """for_each_architecture over cells of NAS-Bench-201, one cell a stage."""
    chosen = ", ".join("tepui::Encoding<6>" + code_text(c) for c in codes)
    call = "train_network<Network>(data)" if train else "infer<Network>(image)"
    argument = "const tepui::data::Dataset<Space::input, 10>& data" if train else "const float* image"
    return (TRAIN if train else INFER) + f"""
using Space = tepui::space::NasBench201<16, 1>;
inline constexpr tepui::Selection<Space, {len(codes)}> chosen{{{{{{{chosen}}}}}}};
double visit_all({argument}) {{
  double sum = 0;
  tepui::for_each_architecture<chosen>([&]<class Network>() {{ sum += {call}; }});
  return sum;
}}
"""


def residual_network(blocks, repeated):
    """A residual network of 6 * blocks + 1 convolutions: the form that dlib's own examples have.

    repeated: by the library's Repeat; else every block is written out."""
    def stage(channels, count):
        if repeated:
            return f"nn::Repeat<{count}, Block<{channels}>>"
        return ", ".join([f"Block<{channels}>"] * count)
    return f"""
using namespace tepui;
template <int C, int Stride = 1>
using ConvBn = nn::Sequential<nn::Conv2d<C, 3, Stride>, nn::BatchNorm2d<>>;
template <int C>
using Block = nn::Sequential<
    nn::Residual<nn::Sequential<ConvBn<C>, nn::Relu, ConvBn<C>>, nn::Identity>, nn::Relu>;
template <int C>
using Down = nn::Sequential<nn::Residual<nn::Sequential<ConvBn<C, 2>, nn::Relu, ConvBn<C>>,
                                         nn::Sequential<nn::AvgPool<2, 2>, nn::Conv2d<C, 1>>>,
                            nn::Relu>;
using Resnet = nn::Network<Shape{{3, 32, 32}}, ConvBn<16>, nn::Relu, {stage(16, blocks)},
                           Down<32>, {stage(32, blocks - 1)}, Down<64>,
                           {stage(64, blocks - 1)}, nn::GlobalAvgPool, nn::Linear<10>>;
"""


DLIB = """
using namespace dlib;
template <int C, template <class> class BN, int Stride, class Sub>
using block = BN<con<C, 3, 3, 1, 1, relu<BN<con<C, 3, 3, Stride, Stride, Sub>>>>>;
template <template <int, template <class> class, int, class> class Block, int C,
          template <class> class BN, class Sub>
using residual = add_prev1<Block<C, BN, 1, tag1<Sub>>>;
template <template <int, template <class> class, int, class> class Block, int C,
          template <class> class BN, class Sub>
using residual_down = add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<Block<C, BN, 2, tag1<Sub>>>>>>;
template <template <class> class BN, int C, class Sub>
using stage_block = relu<residual<block, C, BN, Sub>>;
template <template <class> class BN, int C, class Sub>
using stage_down = relu<residual_down<block, C, BN, Sub>>;
template <class Sub> using train16 = stage_block<bn_con, 16, Sub>;
template <class Sub> using train32 = stage_block<bn_con, 32, Sub>;
template <class Sub> using train64 = stage_block<bn_con, 64, Sub>;
template <class Sub> using infer16 = stage_block<affine, 16, Sub>;
template <class Sub> using infer32 = stage_block<affine, 32, Sub>;
template <class Sub> using infer64 = stage_block<affine, 64, Sub>;
"""


def dlib_network(blocks, repeated, train):
    mode, norm = ("train", "bn_con") if train else ("infer", "affine")
    layers = ["loss_multiclass_log<", "fc<10, ", "avg_pool_everything<"]
    for channels, count in ((64, blocks - 1), (32, blocks - 1), (16, blocks)):
        block = f"{mode}{channels}"
        layers += [f"repeat<{count}, {block}, "] if repeated else [f"{block}<"] * count
        if channels > 16:
            layers.append(f"stage_down<{norm}, {channels}, ")
    layers += ["relu<", f"{norm}<", "con<16, 3, 3, 1, 1, ", "input<", "matrix<"]
    net = "".join(layers) + "rgb_pixel" + ">" * len(layers)
    body = DLIB + f"using Net = {net};\n"
    if train:
        return body + """
void train(const std::vector<matrix<rgb_pixel>>& images, const std::vector<unsigned long>& labels) {
  Net net;
  dnn_trainer<Net, sgd> trainer(net, sgd(5e-4f, 0.9f));
  trainer.train_one_step(images, labels);
}
"""
    return body + """
unsigned long infer(const matrix<rgb_pixel>& image) {
  static Net net;
  return net(image);
}
"""


BLOCKS = 16  # 97 convolutions, as many as a NAS-Bench-201 network with five cells a stage


def targets(root):
    experiment = f'#include "{root}/examples/experiment/rgb.cpp"\n'
    yield Case("dependencies", "the bare dependencies together", DEPENDENCIES, "", alone=True)
    yield Case("umbrella", "#include <tepui/tepui.hpp>", ["tepui/tepui.hpp"], "", alone=True,
               target=3.0, memory_target=600)
    for compiler, target in (("g++", 1.0), ("clang++", 2.0)):
        yield Case(f"select_{compiler}", "select from the 15,625 NAS-Bench-201 cells",
                   SELECT_HEADERS, SELECT, compiler=compiler, target=target)
        yield Case(f"count_{compiler}", "count_if over the 15,625 NAS-Bench-201 cells",
                   SELECT_HEADERS, COUNT, compiler=compiler, target=target)
    yield Case("static_n5", "static network, N=5, all operations, inference only", SPACE_HEADERS,
               static_n5((3, 1, 2, 4, 3, 1)), target=5)
    yield Case("static_n5_all3x3", "static network, N=5, all 3x3, inference only", SPACE_HEADERS,
               static_n5((3,) * 6), target=5)
    yield Case("experiment", "full Experiment on NAS-Bench-201 (examples/experiment)",
               ["tepui/tepui.hpp"], experiment, target=45, memory_target=2500)
    for repeated, name, words in ((False, "", "written out"), (True, "_repeat", "repeated blocks")):
        ours = residual_network(BLOCKS, repeated)
        what = f"residual network of {6 * BLOCKS + 1} convolutions, {words}"
        yield Case(f"residual{name}_training", f"{what}, training", TRAIN_HEADERS,
                   ours + training("Resnet"))
        yield Case(f"residual{name}_inference", f"{what}, inference", NETWORK_HEADERS,
                   ours + inferring("Resnet"))
        yield Case(f"dlib{name}_training", "the same in dlib", ["dlib/dnn.h"],
                   dlib_network(BLOCKS, repeated, True), include="dlib")
        yield Case(f"dlib{name}_inference", "the same in dlib", ["dlib/dnn.h"],
                   dlib_network(BLOCKS, repeated, False), include="dlib")
    codes = encodings(64)
    yield Case("shards", "64 architectures, 4 files of 16, two at a time (wall)", VISIT_HEADERS,
               [visiting(codes[16 * k:16 * k + 16], True) for k in range(4)], target=60, units=4)


# --- the curves -----------------------------------------------------------------------------------

def different_steps(symbols):
    """Symbols in an order in which no two neighbours come again: a de Bruijn sequence, closed."""
    order = []
    for first in range(len(symbols)):
        order.append(symbols[first])
        for second in range(first + 1, len(symbols)):
            order += [symbols[first], symbols[second]]
    return order + order[:1]


def convolutions(channels):
    """Convolution, batch norm, ReLU for every width; steps between equal widths are equal layers."""
    layers = "".join(f", tepui::nn::Conv2d<{c}, 3>, tepui::nn::BatchNorm2d<>, tepui::nn::Relu"
                     for c in channels)
    return ("tepui::nn::Network<tepui::Shape{8, 8, 8}" + layers +
            ", tepui::nn::GlobalAvgPool, tepui::nn::Linear<10>>")


def choices(count, options):
    """`count` decision points, each among convolutions of different kernels, at one shape."""
    option = [f"Unit<{2 * k + 1}>" for k in range(options)]
    layers = ", ".join(f"Choice<{d}, {', '.join(option)}>" for d in range(count))
    return ("using namespace tepui;\ntemplate <int Kernel>\n"
            "using Unit = nn::Sequential<nn::Conv2d<8, Kernel>, nn::BatchNorm2d<>, nn::Relu>;\n"
            "template <int Decision, class... Options>\n"
            "using Choice = space::Choice<Decision, Options...>;\n"
            f"using Searched = Space<Shape{{8, 16, 16}}, {layers}, nn::GlobalAvgPool, "
            "nn::Linear<10>>;\n")


def supernet(count, options):
    """Trains along a path."""
    return choices(count, options) + """
double step(nn::Model<Searched::Network>& model, const float* images, const std::uint16_t* labels,
            std::span<float> gradient, const std::uint8_t* code) {
  auto pass = model.pass(32, code);
  pass.statistics = nn::Statistics::batch_and_track;
  return model.loss_and_gradient(pass, images, labels, gradient).mean_loss();
}
"""


STEP = """
double step(tepui::nn::Model<Net>& model, const float* images, const std::uint16_t* labels,
            std::span<float> gradient) {
  auto pass = model.pass(32);
  pass.statistics = tepui::nn::Statistics::batch_and_track;
  return model.loss_and_gradient(pass, images, labels, gradient).mean_loss();
}
"""

CURVES = {  # series: (what the horizontal axis counts, the curve's name)
    "layers_equal": ("layers", "equal layers, training"),
    "layers_distinct": ("layers", "different layers, training"),
    "layers_distinct_inference": ("layers", "different layers, inference"),
    "choices": ("decisions", "of four options, training"),
    "options": ("options", "of one decision, training"),
    "architectures_training": ("architectures", "training and test"),
    "architectures_inference": ("architectures", "inference"),
}


def series():
    steps = different_steps(range(8, 17))  # 81 steps between nine widths, of about the same work
    for n in (5, 10, 20, 40, 80):
        equal, distinct = convolutions([8] * n), convolutions(steps[1:n + 1])
        yield Case(f"layers_equal_{n}", f"{n} equal layers, training step", NETWORK_HEADERS,
                   f"using Net = {equal};{STEP}", "layers_equal", n)
        yield Case(f"layers_distinct_{n}", f"{n} different layers, training step", NETWORK_HEADERS,
                   f"using Net = {distinct};{STEP}", "layers_distinct", n)
        yield Case(f"layers_distinct_inference_{n}", f"{n} different layers, inference",
                   NETWORK_HEADERS, inferring(distinct), "layers_distinct_inference", n)
    space_headers = NETWORK_HEADERS + ["tepui/space/choice.hpp", "tepui/space/space.hpp"]
    for n in (1, 2, 4, 8, 16, 32):
        yield Case(f"choices_{n}", f"{n} decisions of four options, training step", space_headers,
                   supernet(n, 4), "choices", n)
    for n in (2, 3, 4, 5, 6, 7):
        yield Case(f"options_{n}", f"one decision of {n} options, training step", space_headers,
                   supernet(1, n), "options", n)
    for n in (1, 2, 4, 8, 16):
        codes = encodings(n)
        yield Case(f"architectures_training_{n}", f"{n} architectures, trained", VISIT_HEADERS,
                   visiting(codes, True), "architectures_training", n)
        yield Case(f"architectures_inference_{n}", f"{n} architectures, inference", VISIT_HEADERS,
                   visiting(codes, False), "architectures_inference", n)


# --- the rooms' umbrellas -------------------------------------------------------------------------

ROOMS = ["backend/cpu", "cost/cost", "data/data", "experiment/experiment", "experiment/study",
         "export/export", "export/json", "flatness/flatness", "metric/metrics", "nn/nn",
         "optim/optim", "report/report", "search/search", "space/space", "supernet/candidate",
         "train/trainer", "embed"]


def rooms():
    for room in ROOMS:
        yield Case("header_" + room.replace("/", "_"), f"#include <tepui/{room}.hpp>",
                   [f"tepui/{room}.hpp"], "", alone=True)


def groups(root):
    return {"targets": list(targets(root)), "series": list(series()), "headers": list(rooms())}
