#!/usr/bin/env python3
"""Writes the reference vectors in vectors/: one file per case, computed by PyTorch.

Run with a Python that has torch (made with 1.13) and numpy:  python3 make_vectors.py
The seed is fixed, so a second run writes the same inputs.

File format, plain text, fields separated by white space:

    tepui-vectors 1
    op NAME                     what was computed
    int NAME VALUE              an attribute (batch, stride, ...)
    real NAME VALUE             an attribute (epsilon, smoothing, ...)
    tensor NAME RANK D1 ... DR  shape, slowest index first; the values follow, row by row
    end

Names of tensors: x input, y output, dy gradient of a scalar by y, dx / dw / db / ... gradient of
that scalar by x / w / b / .... Inputs have three decimals and are meant in single precision;
outputs and gradients are computed from them in double precision and have seven digits.

Layouts are those of Tepui's backends, not PyTorch's: images are (N, H, W, C), convolution weights
(kernel row, kernel column, input channel within the group, output channel), linear weights
(in, out), so y = x w + b.

Operations and what their files hold:

    conv2d          batch height width in_channels out_channels kernel stride padding dilation
                    groups bias; x w [b] dy y dx dw [db]
    linear          batch in out; x w b dy y dx dw db
    batch_norm      batch height width channels affine training epsilon momentum; x [gamma beta]
                    running_mean running_var dy y dx [dgamma dbeta] and, from training,
                    mean var (of the batch, var biased) new_running_mean new_running_var (which
                    take the unbiased variance)
    max_pool        batch height width channels kernel stride padding; x dy y dx
    avg_pool        the same and count_padding: whether padding counts in the divisor
    global_avg_pool batch height width channels; x dy y dx, y is (N, C)
    relu, hard_swish, hard_sigmoid      x dy y dx, any shape
    cross_entropy   batch classes correct smoothing; logits labels loss (one number per sample)
                    dlogits (gradient of the mean over the batch)
    squeeze_excite  batch height width channels reduced; x w1 b1 w2 b2 dy y dx dw1 db1 dw2 db2:
                    y = x * hard_sigmoid(relu(mean(x) w1 + b1) w2 + b2)
"""
import pathlib

import numpy
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent / "vectors"
rng = numpy.random.default_rng(20240917)


def uniform(*shape, low=-1.0, high=1.0):
    """Numbers of three decimals, as single precision holds them, in a double tensor."""
    values = rng.uniform(low, high, shape).round(3).astype(numpy.float32).astype(numpy.float64)
    return torch.tensor(values, requires_grad=True)


def nhwc(t):
    return t.permute(0, 2, 3, 1)


def conv_weight(t):
    return t.permute(2, 3, 1, 0)


class Case:
    def __init__(self, name, op):
        self.name, self.lines = name, ["tepui-vectors 1", f"op {op}"]

    def ints(self, **values):
        self.lines += [f"int {k} {int(v)}" for k, v in values.items()]
        return self

    def reals(self, **values):
        self.lines += [f"real {k} {v!r}" for k, v in values.items()]
        return self

    def tensors(self, **values):
        for name, t in values.items():
            array = t.detach().contiguous().numpy()
            dims = " ".join(str(d) for d in array.shape)
            self.lines.append(f"tensor {name} {array.ndim} {dims}")
            flat = [f"{v:.7g}" for v in array.ravel()]
            self.lines += [" ".join(flat[i:i + 12]) for i in range(0, len(flat), 12)]
        return self

    def write(self):
        (HERE / f"{self.name}.txt").write_text("\n".join(self.lines + ["end"]) + "\n")


def backward(y):
    dy = uniform(*y.shape).detach()
    y.backward(dy)
    return dy


def conv(name, channels, height, width, out, kernel, stride=1, padding=0, dilation=1, groups=1,
         bias=False, batch=2):
    x = uniform(batch, channels, height, width)
    w = uniform(out, channels // groups, kernel, kernel)
    b = uniform(out) if bias else None
    y = F.conv2d(x, w, b, stride, padding, dilation, groups)
    dy = backward(y)
    case = Case(name, "conv2d").ints(
        batch=batch, height=height, width=width, in_channels=channels, out_channels=out,
        kernel=kernel, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias)
    case.tensors(x=nhwc(x), w=conv_weight(w), dy=nhwc(dy), y=nhwc(y), dx=nhwc(x.grad),
                 dw=conv_weight(w.grad))
    if bias:
        case.tensors(b=b, db=b.grad)
    case.write()


def linear(name, batch, inputs, outputs):
    x, w, b = uniform(batch, inputs), uniform(outputs, inputs), uniform(outputs)
    y = F.linear(x, w, b)
    dy = backward(y)
    Case(name, "linear").ints(**{"batch": batch, "in": inputs, "out": outputs}).tensors(
        x=x, w=w.t(), b=b, dy=dy, y=y, dx=x.grad, dw=w.grad.t(), db=b.grad).write()


def batch_norm(name, channels, height, width, affine, training, batch=3):
    epsilon, momentum = 1e-5, 0.1
    x = uniform(batch, channels, height, width, low=-1, high=3)
    gamma = uniform(channels, low=0.5, high=1.5) if affine else None
    beta = uniform(channels) if affine else None
    mean = uniform(channels).detach()
    var = uniform(channels, low=0.5, high=2).detach()
    new_mean, new_var = mean.clone(), var.clone()
    y = F.batch_norm(x, new_mean, new_var, gamma, beta, training, momentum, epsilon)
    dy = backward(y)
    case = Case(name, "batch_norm").ints(batch=batch, height=height, width=width,
                                         channels=channels, affine=affine, training=training)
    case.reals(epsilon=epsilon, momentum=momentum)
    case.tensors(x=nhwc(x), running_mean=mean, running_var=var, dy=nhwc(dy), y=nhwc(y),
                 dx=nhwc(x.grad))
    if affine:
        case.tensors(gamma=gamma, beta=beta, dgamma=gamma.grad, dbeta=beta.grad)
    if training:
        case.tensors(mean=x.mean((0, 2, 3)), var=x.var((0, 2, 3), unbiased=False),
                     new_running_mean=new_mean, new_running_var=new_var)
    case.write()


def pool(name, op, channels, height, width, kernel, stride, padding, count_padding=None, batch=2):
    x = uniform(batch, channels, height, width)
    if op == "max_pool":
        with torch.no_grad():  # equal values in a window: the first one takes the gradient
            x.copy_(torch.round(x * 4) / 4)
        y = F.max_pool2d(x, kernel, stride, padding)
    else:
        y = F.avg_pool2d(x, kernel, stride, padding, count_include_pad=count_padding)
    dy = backward(y)
    case = Case(name, op).ints(batch=batch, height=height, width=width, channels=channels,
                               kernel=kernel, stride=stride, padding=padding)
    if count_padding is not None:
        case.ints(count_padding=count_padding)
    case.tensors(x=nhwc(x), dy=nhwc(dy), y=nhwc(y), dx=nhwc(x.grad)).write()


def global_pool(name, channels, height, width, batch=2):
    x = uniform(batch, channels, height, width)
    y = F.adaptive_avg_pool2d(x, 1).flatten(1)
    dy = backward(y)
    Case(name, "global_avg_pool").ints(batch=batch, height=height, width=width,
                                       channels=channels).tensors(
        x=nhwc(x), dy=dy, y=y, dx=nhwc(x.grad)).write()


def activation(name, function):
    x = uniform(61, low=-5, high=5)
    with torch.no_grad():
        x[:3] = torch.tensor([-3.0, 0.0, 3.0], dtype=x.dtype)  # the kinks
    y = function(x)
    dy = backward(y)
    Case(name, name).tensors(x=x, dy=dy, y=y, dx=x.grad).write()


def cross_entropy(name, batch, classes, smoothing):
    logits = uniform(batch, classes, low=-4, high=4)
    labels = torch.tensor(rng.integers(0, classes, batch))
    losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    losses.mean().backward()
    correct = int((logits.argmax(1) == labels).sum())
    Case(name, "cross_entropy").ints(batch=batch, classes=classes, correct=correct).reals(
        smoothing=smoothing).tensors(logits=logits, labels=labels.double(), loss=losses,
                                     dlogits=logits.grad).write()


def squeeze_excite(name, channels, height, width, reduced, batch=2):
    x = uniform(batch, channels, height, width)
    w1, b1 = uniform(reduced, channels), uniform(reduced)
    w2, b2 = uniform(channels, reduced, low=-3, high=3), uniform(channels)
    gate = F.hardsigmoid(F.linear(F.relu(F.linear(x.mean((2, 3)), w1, b1)), w2, b2))
    y = x * gate[:, :, None, None]
    dy = backward(y)
    Case(name, "squeeze_excite").ints(batch=batch, height=height, width=width, channels=channels,
                                      reduced=reduced).tensors(
        x=nhwc(x), w1=w1.t(), b1=b1, w2=w2.t(), b2=b2, dy=nhwc(dy), y=nhwc(y), dx=nhwc(x.grad),
        dw1=w1.grad.t(), db1=b1.grad, dw2=w2.grad.t(), db2=b2.grad).write()


def main():
    HERE.mkdir(exist_ok=True)
    conv("conv_3x3", 3, 4, 5, 8, 3, padding=1)
    conv("conv_3x3_bias", 5, 5, 4, 6, 3, padding=1, bias=True)
    conv("conv_3x3_unpadded", 4, 5, 5, 5, 3)
    conv("conv_3x3_stride_2", 4, 7, 6, 6, 3, stride=2, padding=1)
    conv("conv_3x3_dilation_2", 3, 7, 7, 4, 3, padding=2, dilation=2)
    conv("conv_3x3_stride_2_dilation_2", 3, 8, 9, 4, 3, stride=2, padding=2, dilation=2)
    conv("conv_3x3_padding_3", 2, 4, 4, 3, 3, padding=3)
    conv("conv_5x5", 3, 6, 6, 4, 5, padding=2)
    conv("conv_7x7_stride_2", 2, 9, 9, 3, 7, stride=2, padding=3)
    conv("conv_2x2_stride_2", 3, 6, 6, 4, 2, stride=2)
    conv("conv_1x1", 17, 2, 3, 18, 1)
    conv("conv_1x1_stride_2", 6, 5, 5, 7, 1, stride=2, bias=True)
    conv("conv_depthwise_3x3", 17, 3, 4, 17, 3, padding=1, groups=17)
    conv("conv_depthwise_5x5_stride_2", 5, 6, 7, 5, 5, stride=2, padding=2, groups=5, bias=True)
    conv("conv_depthwise_3x3_dilation_2", 4, 7, 7, 4, 3, padding=2, dilation=2, groups=4)
    conv("conv_grouped", 6, 5, 5, 8, 3, padding=1, groups=2)
    conv("conv_depth_multiplier", 3, 5, 5, 6, 3, padding=1, groups=3)
    linear("linear", 11, 19, 10)
    batch_norm("batch_norm_training", 5, 4, 5, True, True)
    batch_norm("batch_norm_training_plain", 18, 2, 3, False, True)
    batch_norm("batch_norm_inference", 6, 4, 4, True, False)
    batch_norm("batch_norm_inference_plain", 4, 3, 4, False, False)
    pool("max_pool_3x3", "max_pool", 5, 5, 6, 3, 1, 1)
    pool("max_pool_3x3_stride_2", "max_pool", 4, 7, 7, 3, 2, 1)
    pool("max_pool_2x2_stride_2", "max_pool", 3, 6, 5, 2, 2, 0)
    pool("avg_pool_3x3", "avg_pool", 5, 5, 6, 3, 1, 1, False)
    pool("avg_pool_3x3_counting", "avg_pool", 5, 5, 5, 3, 1, 1, True)
    pool("avg_pool_2x2_stride_2", "avg_pool", 4, 6, 6, 2, 2, 0, False)
    pool("avg_pool_3x3_stride_2", "avg_pool", 3, 7, 6, 3, 2, 1, False)
    global_pool("global_avg_pool", 18, 3, 4)
    activation("relu", F.relu)
    activation("hard_swish", F.hardswish)
    activation("hard_sigmoid", F.hardsigmoid)
    cross_entropy("cross_entropy", 9, 10, 0.0)
    cross_entropy("cross_entropy_smoothed", 9, 10, 0.1)
    squeeze_excite("squeeze_excite", 10, 4, 4, 4)


if __name__ == "__main__":
    main()
