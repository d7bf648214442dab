"""The ways in which PyTorch computes a case of compare_pytorch_cuda.py.

A variant is a name, the arithmetic it needs and a function without arguments that takes one step.
Everything is on `device`: a GPU, or the processor to try the script where there is none.
"""
import contextlib
import itertools
from dataclasses import dataclass, field
from typing import Callable

import torch
from pytorch_networks import ALL3X3, MIXED, Supernet, candidate_path, nas_bench
from torch.nn import functional

SIGMAS = (0.001, 0.003, 0.006)
PATHS_A_STEP = 8  # of the supernet


@dataclass(frozen=True)
class Scale:
    """Sizes of all cases."""
    channels: int = 16
    cells: int = 5
    side: int = 32
    batches: dict = field(default_factory=lambda: {"256": 256, "64": 64})
    candidates: int = 64
    images: int = 10_000           # of one evaluation
    evaluation_batch: int = 1_000  # divides `images`; larger ones are no faster
    conv_channels: int = 64


SCALES = {"full": Scale(),
          "tiny": Scale(channels=4, cells=1, side=16, batches={"256": 8, "64": 4}, candidates=3,
                        images=40, evaluation_batch=20, conv_channels=8)}


@dataclass
class Variant:
    name: str
    arithmetic: str                # exact: FP32; tf32; bf16: automatic mixed precision
    channels_last: bool
    step: Callable[[], None]


# The first three of every case; what else there is builds on the fastest of them.
EAGER = [("eager_fp32", "exact", False), ("channels_last_tf32", "tf32", True),
         ("channels_last_bf16", "bf16", True)]


def set_arithmetic(arithmetic):
    """Convolutions and matrix products of FP32 tensors: rounded to TF32 first, or not."""
    torch.backends.cuda.matmul.allow_tf32 = arithmetic == "tf32"
    torch.backends.cudnn.allow_tf32 = arithmetic == "tf32"
    torch.backends.cudnn.benchmark = True


def autocast(arithmetic, device):
    if arithmetic != "bf16":
        return contextlib.nullcontext()
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)


def layout(channels_last):
    return torch.channels_last if channels_last else torch.contiguous_format


def on_gpu(device):
    return torch.device(device).type == "cuda"


def captured(step, device, warm_steps=3):
    """:return: a function that replays what one call of `step` asks of the GPU"""
    if not on_gpu(device):
        raise RuntimeError("CUDA graphs need a GPU")
    warm = torch.cuda.Stream()  # capture wants everything allocated on a stream of its own first
    warm.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(warm):
        for _ in range(warm_steps):
            step()
    torch.cuda.current_stream().wait_stream(warm)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def replay(_alive=step):  # the graph knows addresses only: what is at them has to stay
        graph.replay()
    return replay


class Training:
    """Forward, loss, backward and SGD with momentum on one batch that stays on the device."""

    def __init__(self, net, batch, scale, arithmetic, channels_last, device, compiled=None):
        """:param compiled: mode of torch.compile, or None"""
        self.net = net.to(device=device, memory_format=layout(channels_last))
        self.arithmetic, self.device = arithmetic, device
        self.forward = self.net if compiled is None else torch.compile(self.net, mode=compiled)
        x = torch.randn(batch, 3, scale.side, scale.side, device=device)
        self.x = x.contiguous(memory_format=layout(channels_last))
        self.labels = torch.arange(batch, device=device) % 10
        self.optimizer = torch.optim.SGD(net.parameters(), 1e-3, 0.9, fused=True)
        # The fused step cannot tell parameters apart that meet their first gradient later, as those
        # of a supernet do; a momentum of zero is the same to it.
        for p in self.net.parameters():
            self.optimizer.state[p]["momentum_buffer"] = torch.zeros_like(p)

    def step(self, *path):
        self.optimizer.zero_grad(set_to_none=True)
        with autocast(self.arithmetic, self.device):
            loss = functional.cross_entropy(self.forward(self.x, *path), self.labels)
        loss.backward()
        self.optimizer.step()


class Evaluation:
    """Losses of paths through a supernet with noise on its weights, in inference mode."""

    def __init__(self, scale, arithmetic, channels_last, device):
        self.arithmetic, self.device = arithmetic, device
        self.net = Supernet(scale.channels, scale.cells).to(device).eval()
        self._gather_weights(channels_last)
        x = torch.randn(scale.images, 3, scale.side, scale.side, device=device)
        self.images = x.contiguous(memory_format=layout(channels_last)).split(
            scale.evaluation_batch)
        labels = torch.arange(scale.images, device=device) % 10
        self.labels = labels.split(scale.evaluation_batch)
        self.paths = [candidate_path(i) for i in range(scale.candidates)]
        self.loss = torch.zeros((), device=device)

    def _gather_weights(self, channels_last):
        """Makes all parameters views of one vector, so that noise takes two kernels."""
        parameters = list(self.net.parameters())
        self.weights = torch.empty(sum(p.numel() for p in parameters), device=self.device)
        begin = 0
        for p in parameters:
            place = self.weights[begin:begin + p.numel()]
            begin += p.numel()
            if channels_last and p.dim() == 4:
                o, i, h, w = p.shape
                view = place.view(o, h, w, i).permute(0, 3, 1, 2)
            else:
                view = place.view(p.shape)
            view.copy_(p.data)
            p.data = view
        self.clean = self.weights.clone()
        self.noise = torch.empty_like(self.weights)

    def batch(self, x, labels, path):
        with autocast(self.arithmetic, self.device):
            loss = functional.cross_entropy(self.net(x, path), labels, reduction="sum")
        self.loss.add_(loss)

    def candidate(self, one_batch):
        """:return: the three losses, read back, as whoever ranks candidates needs them"""
        losses = []
        for sigma in SIGMAS:
            self.noise.normal_()
            torch.add(self.clean, self.noise, alpha=sigma, out=self.weights)
            self.loss.zero_()
            for x, labels in zip(self.images, self.labels):
                one_batch(x, labels)
            losses.append(self.loss.clone())
        return torch.stack(losses).tolist()

    @torch.no_grad()
    def step(self):
        for path in self.paths:
            self.candidate(lambda x, labels: self.batch(x, labels, path))

    @torch.no_grad()
    def step_with_graphs(self):
        """A graph for each candidate, whose capture is part of the work: each comes only once."""
        x, labels = self.images[0].clone(), self.labels[0].clone()

        def replay_on(replay, images, targets):
            x.copy_(images)
            labels.copy_(targets)
            replay()
        for path in self.paths:
            replay = captured(lambda: self.batch(x, labels, path), self.device, warm_steps=1)
            self.candidate(lambda images, targets: replay_on(replay, images, targets))


class Convolution:
    """A 3x3 convolution and its two gradients in BF16, by whatever cuDNN finds fastest."""

    def __init__(self, batch, scale, device):
        c = scale.conv_channels

        def tensor(*shape):
            return torch.randn(*shape, device=device, dtype=torch.bfloat16).contiguous(
                memory_format=torch.channels_last)
        self.x = tensor(batch, c, scale.side, scale.side).requires_grad_()
        self.weights = tensor(c, c, 3, 3).requires_grad_()
        self.dy = tensor(batch, c, scale.side, scale.side)

    def step(self):
        y = functional.conv2d(self.x, self.weights, padding=1)
        torch.autograd.grad(y, (self.x, self.weights), self.dy)


class Case:
    """What one case computes, for every variant of it."""

    def __init__(self, name, scale, device, compile_mode):
        self.name, self.scale, self.device = name, scale, device
        self.compile_mode = compile_mode
        self.kind, _, self.size = name.rpartition("_")
        if self.kind == "fval":
            self.images = scale.candidates * len(SIGMAS) * scale.images
        else:
            self.batch = scale.batches["256" if self.kind == "conv3x3" else self.size]
            self.images = self.batch * (PATHS_A_STEP if self.kind == "supernet" else 1)

    def eager(self):
        """:return: (name, a function that makes the variant) each"""
        if self.kind == "conv3x3":
            return [("cudnn_bf16", lambda: Variant(
                "cudnn_bf16", "bf16", True,
                Convolution(self.batch, self.scale, self.device).step))]
        return [(name, lambda n=name, a=arithmetic, c=channels_last: Variant(
            n, a, c, self._eager_step(a, c))) for name, arithmetic, channels_last in EAGER]

    def further(self, fastest):
        """:param fastest: the Variant of `eager` that the others build on
        :return: (name, a function that makes the variant) each"""
        arithmetic, channels_last = fastest.arithmetic, fastest.channels_last

        def variant(name, make_step):
            return name, lambda: Variant(name, arithmetic, channels_last, make_step())
        graph = f"{fastest.name}_graph"
        if self.kind == "conv3x3":
            return [variant(graph, lambda: captured(fastest.step, self.device))]
        if self.kind == "fval":
            return [variant(graph, lambda: self._graphs_of_candidates(arithmetic, channels_last))]
        if self.kind == "supernet":
            return []
        return [
            variant(graph, lambda: captured(
                self._training(arithmetic, channels_last).step, self.device)),
            variant(f"{fastest.name}_compiled_{self.compile_mode}", lambda: self._training(
                arithmetic, channels_last, self.compile_mode).step),
            variant(f"{fastest.name}_compiled_graph", lambda: captured(self._training(
                arithmetic, channels_last, "default").step, self.device))]

    def _training(self, arithmetic, channels_last, compiled=None):
        if self.kind == "supernet":
            net = Supernet(self.scale.channels, self.scale.cells)
        else:
            code = ALL3X3 if self.kind == "train_all3x3" else MIXED
            net = nas_bench(self.scale.channels, self.scale.cells, code)
        return Training(net, self.batch, self.scale, arithmetic, channels_last, self.device,
                        compiled)

    def _eager_step(self, arithmetic, channels_last):
        if self.kind == "fval":
            return Evaluation(self.scale, arithmetic, channels_last, self.device).step
        training = self._training(arithmetic, channels_last)
        if self.kind != "supernet":
            return training.step

        numbers = itertools.count()

        def some_paths():  # others each time, as a search draws them
            for _ in range(PATHS_A_STEP):
                training.step(candidate_path(next(numbers)))
        return some_paths

    def _graphs_of_candidates(self, arithmetic, channels_last):
        if not on_gpu(self.device):
            raise RuntimeError("CUDA graphs need a GPU")
        return Evaluation(self.scale, arithmetic, channels_last, self.device).step_with_graphs
