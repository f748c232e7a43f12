#!/usr/bin/python3
"""Writes data/checkpoints: small files by torch.save (zip and legacy) and safetensors, whose values
follow value() below, which src/weights/checkpoint_test.c repeats.

    /usr/bin/python3 scripts/make_checkpoints.py [FOLDER]
"""
import argparse
import json
import os
import struct
import sys
from collections import OrderedDict

import numpy
import torch


def value(seed, index):
    """Multiples of 1/8 from -11/8 to 11/8: exact in every float type."""
    return ((index * 7 + seed * 5) % 23 - 11) / 8


def make(seed, shape, dtype=torch.float32):
    count = 1
    for size in shape:
        count *= size
    return torch.tensor([value(seed, i) for i in range(count)], dtype=torch.float64).to(dtype).reshape(shape)


def tensors():
    base = make(99, [10])
    conv = make(1, [3, 4, 2, 2])
    return OrderedDict([
        ("conv.weight", conv),
        ("conv.bias", make(2, [3])),
        ("transposed", make(3, [4, 5]).t().contiguous().t()),
        ("channels_last", make(4, [2, 3, 2, 2]).contiguous(memory_format=torch.channels_last)),
        ("slice", base[2:6]),
        ("strided", base[::2]),
        ("half", make(5, [5], torch.float16)),
        ("bfloat16", make(6, [5], torch.bfloat16)),
        ("double", make(7, [2, 2], torch.float64)),
        ("half_transposed", make(8, [2, 3], torch.float16).t().contiguous().t()),
        ("scalar", make(9, [])),
        ("empty", make(10, [0, 3])),
        ("parameter", torch.nn.Parameter(make(11, [2, 2]))),
        ("tied", conv),
        ("norm.running_var", make(12, [3]).abs()),
        ("norm.num_batches_tracked", torch.tensor(7)),
        ("int32", torch.arange(3, dtype=torch.int32)),
        ("int16", torch.arange(3, dtype=torch.int16)),
        ("int8", torch.arange(3, dtype=torch.int8)),
        ("uint8", torch.arange(3, dtype=torch.uint8)),
        ("bool", torch.tensor([True, False, True])),
    ])


def save(folder, name, value_, **options):
    torch.save(value_, os.path.join(folder, name + ".pth"), **options)
    torch.save(value_, os.path.join(folder, name + ".legacy.pth"), _use_new_zipfile_serialization=False, **options)


SAFE = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
        torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
        torch.uint8: "U8", torch.bool: "BOOL"}


def raw_bytes(tensor):
    flat = tensor.detach().flatten()
    if flat.dtype == torch.bfloat16:  # numpy has none
        flat = flat.view(torch.int16)
    return flat.numpy().tobytes()


def save_safetensors(path, state, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in state.items():
        raw = raw_bytes(tensor)
        header[name] = {"dtype": SAFE[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "data/checkpoints"
    os.makedirs(folder, exist_ok=True)
    plain = tensors()
    plain._metadata = OrderedDict([("", {"version": 1})])
    save(folder, "plain", plain)
    save_safetensors(os.path.join(folder, "plain.safetensors"), plain, {"format": "pt", "made by": "a script"})
    small = OrderedDict([("w", make(1, [2, 2])), ("b", make(2, [3]))])
    save(folder, "small", small)
    save_safetensors(os.path.join(folder, "small.safetensors"), small, {})
    save(folder, "module", OrderedDict(("module." + k, v) for k, v in small.items()))
    save(folder, "training", {
        "epoch": 3, "best": numpy.float64(0.25), "netG": small, "netD": OrderedDict([("w", make(3, [2]))]),
        "optimizer": {"state": {0: {"step": 5, "exp_avg": make(4, [2, 2])}},
                      "param_groups": [{"lr": 1e-4, "betas": (0.5, 0.999), "params": [0]}]},
        "args": argparse.Namespace(lr=1e-4, name="run", sizes=[256, 256], extra=None),
        "losses": [1.0, 0.5], "loss": torch.tensor(0.5)})
    save(folder, "two", {"params": small, "params_ema": OrderedDict([("w", make(5, [2, 2]))])})
    save(folder, "other", {"G": small, "step": 4})
    save(folder, "nonfinite", OrderedDict([("w", torch.tensor([1.0, float("nan"), float("-inf")])),
                                           ("h", torch.tensor([1e300], dtype=torch.float64))]))


main()
