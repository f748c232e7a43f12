#!/usr/bin/python3
"""Compares our reading of .pth files with torch's: random state_dicts of all types, views, transposes,
channels_last, scalars, empties, tied storages and parameters, each saved as zip and legacy; every
tensor must have the same name, type, shape and bits.

    /usr/bin/python3 scripts/compare_checkpoints.py DUMP_TEST [COUNT [SEED]]

DUMP_TEST is the program build/test/dump_test.
"""
import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
from collections import OrderedDict

import torch

NAMES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
         torch.bool: "BOOL"}
FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def fresh(rng, shape, dtype):
    values = torch.randn(shape, dtype=torch.float64) * 10 ** rng.uniform(-8, 4)
    if dtype in FLOATS:
        return values.to(dtype)
    return (values * 100).clamp(-100, 100).to(torch.int64).to(dtype)


def random_tensor(rng, earlier):
    kind = rng.randrange(12)
    dtype = rng.choice(FLOATS * 3 + list(NAMES))
    shape = [rng.randrange(1, 6) for _ in range(rng.randrange(0, 5))]
    if kind == 0:
        return fresh(rng, [], dtype)
    if kind == 1:
        return fresh(rng, shape + [0] + [rng.randrange(3)], dtype)
    if kind == 2 and earlier:
        return rng.choice(earlier)
    if kind == 3 and earlier:
        tensor = rng.choice(earlier).detach()
        return tensor.transpose(0, -1) if tensor.dim() > 1 else tensor
    if kind == 4 and earlier:
        tensor = rng.choice(earlier).detach()
        return tensor[rng.randrange(tensor.shape[0])] if tensor.dim() > 0 and tensor.shape[0] > 0 else tensor
    if kind == 5:
        return fresh(rng, [rng.randrange(1, 5) for _ in range(4)], dtype).to(memory_format=torch.channels_last)
    if kind == 6:
        return fresh(rng, [40], dtype)[rng.randrange(9)::rng.randrange(1, 7)]
    if kind == 7:
        return fresh(rng, [4, 5, 6], dtype).permute(*rng.sample(range(3), 3))[:, 1:3]
    if kind == 8 and dtype in FLOATS:
        return torch.nn.Parameter(fresh(rng, shape, dtype), requires_grad=rng.random() < 0.8)
    if kind == 9:
        return fresh(rng, [6, 6], dtype).as_strided([3, 3], [rng.randrange(1, 7), rng.randrange(1, 7)], rng.randrange(5))
    return fresh(rng, shape, dtype)


def random_state(rng):
    state, earlier = OrderedDict() if rng.random() < 0.7 else {}, []
    for n in range(rng.randrange(1, 12)):
        tensor = random_tensor(rng, earlier)
        earlier.append(tensor)
        state[rng.choice(["module.", "", "model.", "\u00e9\u4e2d."]) + f"t{n}.weight"] = tensor
    if isinstance(state, OrderedDict) and rng.random() < 0.5:
        state._metadata = OrderedDict([("", {"version": 1})])
    return state


def expected(state):
    lines = []
    for name, tensor in state.items():
        digest = "-"
        nonfinite = 0
        if tensor.dtype in FLOATS:
            flat = tensor.detach().to(torch.float32).contiguous().flatten()
            nonfinite = int((~torch.isfinite(flat)).sum())
            digest = hashlib.sha256(flat.numpy().tobytes()).hexdigest()
        lines.append("\t".join([name, NAMES[tensor.dtype], ",".join(map(str, tensor.shape)), str(nonfinite), digest]))
    return lines


def main():
    dump = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    tensors = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, count, 100):
            paths, wanted = [], []
            for n in range(start, min(start + 100, count)):
                state = random_state(rng)
                saved = state
                if rng.random() < 0.2:
                    saved = {"epoch": n, "state_dict": state, "args": argparse.Namespace(lr=0.1, sizes=[1, 2]),
                             "note": "\u4e2d\0", "big": 2 ** 40, "tuple": (1, None, True)}
                for zip_format in (True, False):
                    path = os.path.join(folder, f"{n}-{'zip' if zip_format else 'legacy'}.pth")
                    torch.save(saved, path, _use_new_zipfile_serialization=zip_format)
                    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
                    paths.append(path)
                    wanted.append([f"file\t{digest}\t{'-' if saved is state else 'state_dict'}"] +
                                  expected(torch.load(path) if saved is state else torch.load(path)["state_dict"]))
                    assert wanted[-1][1:] == expected(state)
                    tensors += len(state)
            output = subprocess.run([dump, *paths], stdout=subprocess.PIPE, check=False).stdout.decode()
            got = iter(output.splitlines())
            for path, lines in zip(paths, wanted):
                for line in lines:
                    answer = next(got, "(nothing)")
                    if answer != line:
                        wrong += 1
                        print(f"{path}\n  got  {answer}\n  want {line}")
                        if wrong > 5:
                            sys.exit(f"seed {seed}: too many differences")
            for path in paths:
                os.remove(path)
    print(f"seed {seed}: {count} state_dicts, {2 * count} files, {tensors} tensors, {wrong} differences")
    sys.exit(wrong > 0)


main()
