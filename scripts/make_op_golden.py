#!/usr/bin/python3
"""Writes data/golden/ops.txt: what PyTorch computes for each operation of the graph, over awkward
geometry. src/engine/ref_test.c compares the reference with it.

    /usr/bin/python3 scripts/make_op_golden.py > data/golden/ops.txt

One case after another, all fields separated by white space:
    case OP          an operation, as named in src/engine/ref_test.c
    KEY VALUE...     attributes: kernel, stride, padding (two integers), act, mode, groups (one),
                     value (a float)
    in C H W         an input, its values after it, row by row
    weight I RANK D...   the node's weight number I and its values
    out C H W        the expected result and its values; ends the case
Values were computed in float64 and are printed with nine digits, enough for any float32.
"""
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(20240601)
ACTS = ["none", "relu", "leaky_relu", "silu", "elu", "gelu", "tanh", "sigmoid"]
MODES = ["nearest", "bilinear", "bicubic"]


def rand(*dims):
    """Float32 values, exact in float64, with few digits to keep the file small."""
    return (torch.randn(*dims) * 64).round().double() / 64


def put(values):
    print(" ".join("%.9g" % v for v in np.asarray(values, dtype=np.float64).ravel()))


def case(op, inputs, weights, out, **attributes):
    print("case", op)
    for key, value in attributes.items():
        value = value if isinstance(value, tuple) else (value,)
        print(key, *value)
    for tensor in inputs:
        print("in", *tensor.shape[1:])
        put(tensor)
    for i, tensor in enumerate(weights):
        if tensor is not None:
            print("weight", i, tensor.dim(), *tensor.shape)
            put(tensor)
    print("out", *out.shape[1:])
    put(out)


def convolutions():
    for kernel, stride, padding, size in [
        ((4, 4), (2, 2), (1, 1), (5, 6)), ((3, 3), (1, 1), (1, 1), (4, 3)),
        ((4, 4), (1, 1), (1, 1), (3, 5)), ((3, 2), (2, 3), (2, 0), (4, 7)),
        ((1, 1), (1, 1), (0, 0), (2, 2)), ((4, 4), (2, 2), (1, 1), (2, 2)),
    ]:
        x, w, b = rand(1, 3, *size), rand(2, 3, *kernel), rand(2)
        for bias in (b, None):
            case("conv", [x], [w, bias], F.conv2d(x, w, bias, stride, padding),
                 kernel=kernel, stride=stride, padding=padding)
    for kernel, stride, padding, more, size in [
        ((4, 4), (2, 2), (1, 1), (0, 0), (3, 2)), ((4, 4), (1, 1), (1, 1), (0, 0), (2, 3)),
        ((4, 4), (2, 2), (1, 1), (1, 1), (2, 2)), ((3, 2), (2, 3), (1, 0), (1, 2), (2, 3)),
        ((4, 4), (2, 2), (1, 1), (0, 0), (1, 1)), ((2, 2), (3, 3), (0, 0), (0, 0), (2, 2)),
    ]:
        x, w, b = rand(1, 3, *size), rand(3, 2, *kernel), rand(2)
        for bias in (b, None):
            case("conv_transpose", [x], [w, bias],
                 F.conv_transpose2d(x, w, bias, stride, padding, more),
                 kernel=kernel, stride=stride, padding=padding)


def resizing():
    for mode in MODES:
        for size, to in [((4, 5), (3, 7)), ((1, 1), (3, 2)), ((3, 2), (6, 4)), ((7, 5), (2, 3)),
                         ((5, 9), (4, 8)), ((2, 3), (7, 6))]:
            x = rand(1, 2, *size)
            more = {} if mode == "nearest" else {"align_corners": False}
            # Nearest in float32: where the rounding of its scale decides, that of float32 counts.
            y = F.interpolate(x.float() if mode == "nearest" else x, size=to, mode=mode, **more)
            case("resize", [x], [], y, mode=MODES.index(mode))
    x = rand(1, 2, 3, 4)
    case("window", [x], [], F.pad(x, (0, 1, 0, 2)))
    case("window", [x], [], x[:, :, :2, :3])
    case("window", [x], [], F.pad(x[:, :, :2, :], (0, 3)))
    x = rand(1, 12, 2, 3)
    case("pixel_shuffle", [x], [], F.pixel_shuffle(x, 2), stride=(2, 2))
    # out[c, y * 3 + dy, x * 2 + dx] = in[(c * 3 + dy) * 2 + dx, y, x]
    y = x.view(1, 2, 3, 2, 2, 3).permute(0, 1, 4, 2, 5, 3).reshape(1, 2, 6, 6)
    case("pixel_shuffle", [x], [], y, stride=(3, 2))


def pointwise():
    functions = [lambda x: x, F.relu, lambda x: F.leaky_relu(x, 0.2), F.silu, F.elu, F.gelu,
                 torch.tanh, torch.sigmoid]
    for i, f in enumerate(functions[1:], 1):
        x = torch.cat([rand(1, 1, 3, 5), rand(1, 1, 3, 5) * 12], 1)
        case("act", [x], [], f(x), act=i, value=0.2 if ACTS[i] == "leaky_relu" else 0)
    a, b, gate, style = rand(1, 3, 2, 4), rand(1, 3, 2, 4), rand(1, 1, 2, 4), rand(1, 6, 1, 1)
    case("concat", [a, gate], [], torch.cat([a, gate], 1))
    case("add", [a, b], [], a + b)
    case("mul", [a, gate], [], a * gate)
    case("mul", [a, b], [], a * b)
    case("expand", [style], [], style.expand(1, 6, 2, 3))
    case("film", [a, style], [], style[:, :3] * a + style[:, 3:])
    case("slice", [style], [], style[:, 2:5], groups=2)
    gamma = rand(1)
    case("gamma", [a, b], [gamma], gamma * a + b)


def norms():
    for size in [(3, 4), (1, 1), (5, 2)]:
        x = rand(1, 6, *size) + 3
        gamma, beta, mean, var = rand(6), rand(6), rand(6), rand(6).abs() + 0.25
        case("batch_norm", [x], [gamma, beta, mean, var],
             F.batch_norm(x, mean, var, gamma, beta, eps=1e-5), value=1e-5)
        for groups in (1, 2, 3, 6):
            for g, b in ((gamma, beta), (None, None)):
                case("norm", [x], [g, b], torch.group_norm(x, groups, g, b, 1e-5), groups=groups,
                     value=1e-5)
        y = F.layer_norm(x.permute(0, 2, 3, 1), (6,), gamma, beta, 1e-5).permute(0, 3, 1, 2)
        case("channel_norm", [x], [gamma, beta], y, value=1e-5)
    x = rand(1, 4, 3, 3)
    case("norm", [x], [], F.instance_norm(x, eps=1e-3), groups=4, value=1e-3)


def attentions():
    for d, c, h, w in [(2, 5, 3, 2), (1, 4, 1, 1), (3, 3, 2, 4)]:
        q, k, v = rand(1, d, h, w), rand(1, d, h, w), rand(1, c, h, w)
        fq, fk, fv = q.view(d, -1), k.view(d, -1), v.view(c, -1)
        a = torch.softmax(fq.t() @ fk / d ** 0.5, dim=-1)
        case("attention", [q, k, v], [], (fv @ a.t()).view(1, c, h, w), groups=1)
        pq, pk = F.elu(fq) + 1, F.elu(fk) + 1
        total = (pq.t() @ pk.sum(1, keepdim=True)).clamp(min=1e-6)
        y = (pq.t() @ (pk @ fv.t()) / total).t()
        case("linear_attention", [q, k, v], [], y.reshape(1, c, h, w))
    # Heads as nn.MultiheadAttention has them, with projections that change nothing.
    mha = torch.nn.MultiheadAttention(8, 4, bias=False, batch_first=True).double()
    with torch.no_grad():
        mha.in_proj_weight.copy_(torch.eye(8).repeat(3, 1))
        mha.out_proj.weight.copy_(torch.eye(8))
    q, k, v = rand(1, 8, 2, 3), rand(1, 8, 2, 3), rand(1, 8, 2, 3)
    y = mha(*(t.flatten(2).transpose(1, 2) for t in (q, k, v)))[0].detach()
    case("attention", [q, k, v], [], y.transpose(1, 2).reshape(1, 8, 2, 3), groups=4)
    # Keys so far below zero that the denominator's floor of 1e-6 acts.
    q, k, v = rand(1, 1, 2, 2), torch.full((1, 1, 2, 2), -20.0).double(), rand(1, 3, 2, 2)
    pq, pk = F.elu(q.view(1, -1)) + 1, torch.exp(k.view(1, -1))
    total = (pq.t() @ pk.sum(1, keepdim=True)).clamp(min=1e-6)
    y = (pq.t() @ (pk @ v.view(3, -1).t()) / total).t()
    case("linear_attention", [q, k, v], [], y.reshape(1, 3, 2, 2))


convolutions()
resizing()
pointwise()
norms()
attentions()
