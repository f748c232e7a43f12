#!/usr/bin/python3
"""Writes data/hostile: damaged and hostile checkpoints, and manifest.tsv: for each file the rule by
which it must be refused (the tables at the head of the readers in src/weights).

    /usr/bin/python3 scripts/make_hostile.py [FOLDER]
"""
import json
import os
import struct
import sys
import zlib

from hostile_parts import (DATA, FALSE, GOOD, MAGIC, NONE, ORDERED, REBUILD, TRUE, archive, entries, g, i, legacy,
                           legacy_tensor, persistent, pickle, safetensors, state, t, tensor, u)

FILES = []  # (name, bytes, rule)


def add(name, data, rule):
    FILES.append((name, data, rule))


def zip_files():
    one = lambda rule, title, which, /, **o: add(f"zip-{title}.pth", archive(entries(which=which, **o)), rule)
    whole = lambda rule, title, /, **o: add(f"zip-{title}.pth", archive(entries(), **o), rule)
    add("good.pth", archive(entries()), "")
    add("good-without-zip64.pth", archive(entries(), zip64=False), "")
    add("zip-prefix.pth", archive(entries(), prefix=b"MZ\x90\0" * 4), "format")
    whole("zip Z1", "suffix", suffix=b"\n")
    whole("zip Z1", "comment", comment=b"x" * 30)
    whole("zip Z3", "comment-end-record", comment=archive(entries(), zip64=False)[-22:])
    whole("zip Z1", "disk", eocd={"disk": 1})
    whole("zip Z1", "here-is-not-all", eocd={"here": 2})
    whole("zip Z1", "zip64-disk", end64={"disk": 1})
    whole("zip Z1", "zip64-here-is-not-all", end64={"here": 2})
    whole("zip Z1", "locator-disk", locator={"disk": 1})
    whole("zip Z1", "locator-disks", locator={"disks": 2})
    add("zip-only-magic.pth", b"PK\3\4", "zip Z1")
    add("zip-zeros.pth", b"PK\3\4" + bytes(200), "zip Z1")
    add("zip-two-archives.pth", archive(entries()) * 2, "zip Z2")
    whole("zip Z2", "locator-elsewhere", locator={"at": 0})
    whole("zip Z2", "locator-far", locator={"at": 2**63})
    whole("zip Z2", "zip64-signature", end64={"signature": 0})
    whole("zip Z2", "zip64-length", end64={"length": 45})
    whole("zip Z2", "zip64-count", end64={"here": 4, "count": 4})
    whole("zip Z2", "zip64-size", end64={"size": 7})
    whole("zip Z2", "zip64-at", end64={"at": 7})
    whole("zip Z3", "locator-lost", locator={"signature": 0})
    whole("zip Z3", "directory-at", zip64=False, eocd={"at": 100})
    whole("zip Z3", "directory-size", zip64=False, eocd={"size": 20})
    whole("zip Z3", "directory-past", zip64=False, eocd={"at": 2**32 - 2})
    whole("zip Z3", "saturated", zip64=False, eocd={"at": 2**32 - 1, "size": 2**32 - 1})
    whole("zip Z3", "no-entries", zip64=False, eocd={"here": 0, "count": 0})
    whole("zip Z3", "fewer-entries", zip64=False, eocd={"here": 2, "count": 2})
    whole("zip Z3", "more-entries", zip64=False, eocd={"here": 4, "count": 4})
    whole("zip Z3", "many-entries", zip64=False, eocd={"here": 65535, "count": 65535})
    whole("zip Z3", "huge-count", eocd={"here": 65535, "count": 65535}, end64={"here": 2**60, "count": 2**60})
    whole("zip Z3", "directory-tail", directory_tail=b"\0\0\0\0\0")
    one("zip Z3", "listed-signature", 1, listed_signature=0x02014b51)
    one("zip Z3", "listed-name-past", 2, name_length=400)
    one("zip Z3", "listed-extra", 1, listed_extra=b"\1\0\x20\0abc")
    one("zip Z3", "saturated-offset", 1, header=2**32 - 1, write=True)
    second = len(archive(entries()[:1], zip64=False)) - 22 - 46 - len("archive/data.pkl")
    saturated = {"header": 2**32 - 1, "packed": 2**32 - 1, "size": 2**32 - 1, "write": True,
                 "descriptor": struct.pack("<IIII", 0x08074b50, zlib.crc32(DATA), len(DATA), len(DATA))}
    sizes = struct.pack("<QQQ", len(DATA), len(DATA), second)
    one("", "good-listed-zip64", 1, **saturated, listed_extra=b"FB\0\0\1\0\x18\0" + sizes)
    for length in (0, 8, 16):
        one("zip Z3", f"listed-zip64-{length}", 1, **saturated,
            listed_extra=struct.pack("<HH", 1, length) + sizes[:length])
    for bit, name in ((0, "encrypted"), (6, "strong-encryption"), (13, "masked"), (5, "patch"), (1, "flag-1"),
                      (4, "flag-4"), (12, "flag-12")):
        one("zip Z4", name, 1, flags=0x0808 | 1 << bit)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = deflate.compress(bytes(1 << 20)) + deflate.flush()
    add("zip-deflate-bomb.pth", archive([("data.pkl", GOOD, {}), ("data/0", bomb, {"method": 8, "size": 1 << 20}),
                                         ("version", b"3\n", {})]), "zip Z4")
    for method in (1, 9, 12, 14, 93, 99):
        one("zip Z4", f"method-{method}", 1, method=method)
    one("zip Z4", "sizes-differ", 1, size=1 << 30)
    one("zip Z4", "packed-differs", 1, packed=8)
    one("zip Z4", "entry-disk", 1, disk=1)
    one("zip Z4", "entry-comment", 1, entry_comment=b"hello")
    for name, raw in (("dotdot", b"../evil"), ("dotdot-inside", b"archive/../../etc/passwd"),
                      ("absolute", b"/archive/data/0"), ("backslash", b"archive\\data\\0"), ("drive", b"C:/data/0"),
                      ("empty-part", b"archive//data/0"), ("dot", b"archive/./data/0"), ("empty", b""),
                      ("folder", b"archive/data/"), ("escape", b"archive/\x1b[31mdata"), ("nul", b"archive/data\0/0"),
                      ("utf8", "archive/d\u00e4ta".encode()), ("long", b"archive/" + b"x" * 600),
                      ("no-root", b"data"), ("two-roots", b"other/data/0"), ("newline", b"archive/a\nb"),
                      ("twice", b"archive/data.pkl")):
        one("zip Z5", "name-" + name, 1, name=raw)
    one("zip Z6", "local-signature", 1, local_signature=0x04034b51)
    one("zip Z6", "local-name", 1, local_name=b"archive/data/1")
    one("zip Z6", "local-name-longer", 1, local_name=b"archive/data/00")
    one("zip Z6", "local-root", 1, local_name=b"orchive/data/0")
    one("zip Z6", "local-flags", 1, local_flags=0x0800)
    one("zip Z6", "local-encrypted", 1, local_flags=0x0809)
    one("zip Z6", "local-method", 1, local_method=8)
    one("zip Z6", "local-crc", 1, local_crc=1)
    one("zip Z6", "local-size", 1, local_size=16)
    one("zip Z6", "zero-sizes-without-descriptor", 1, flags=0, descriptor=b"")
    one("zip Z6", "descriptor-crc", 1, descriptor=struct.pack("<IIII", 0x08074b50, 1, 16, 16))
    one("zip Z6", "descriptor-size", 1, descriptor=struct.pack("<IIII", 0x08074b50, zlib.crc32(DATA), 16, 15))
    one("zip Z6", "descriptor-packed", 1, descriptor=struct.pack("<IIII", 0x08074b50, zlib.crc32(DATA), 15, 16))
    one("zip Z6", "descriptor-signature", 1, descriptor=struct.pack("<IIII", 0x08074b51, zlib.crc32(DATA), 16, 16))
    one("zip Z6", "descriptor-64", 1, descriptor=struct.pack("<IIQQ", 0x08074b50, zlib.crc32(DATA), 16, 17))
    one("zip Z6", "extra-past", 1, extra=b"FB\x20\0ZZZZ")
    one("zip Z6", "extra-rest", 1, extra=b"FB\x02\0ZZZ")
    one("zip Z6", "local-separator", 1, local_name=b"archive_data/0")
    one("zip Z6", "local-size-alone", 1, local_crc=zlib.crc32(DATA), local_packed=len(DATA), local_size=17)
    one("zip Z7", "header-within", 1, header=10)
    one("zip Z7", "gap", 0, gap=b"hidden")
    one("zip Z6", "gap-like-a-long-descriptor", 0, gap=b"hidden!!")
    one("zip Z7", "gap-before-directory", 2, gap=b"x")
    whole("zip Z7", "bytes-before-directory", before_directory=b"PK\3\4" * 8)
    one("zip Z7", "no-descriptor", 1, descriptor=b"")
    one("zip Z7", "short-descriptor", 1, descriptor=struct.pack("<III", zlib.crc32(DATA), 16, 16))
    one("zip Z7", "overlap", 2, header=0)
    one("zip Z7", "header-past", 1, header=100000)
    one("zip Z7", "header-in-directory", 1, header=520)
    add("zip-first-is-hidden.pth", archive([("data.pkl", GOOD, {"header": 8, "write": True})] + entries()[1:],
                                           prefix=b""), "zip Z7")
    quine = [("data.pkl", GOOD, {})] + [(f"data/{n}", b"", {"header": 0, "name": f"archive/data/{n}".encode()})
                                        for n in range(40)] + [("version", b"3\n", {})]
    add("zip-overlapping-bomb.pth", archive(quine), "zip Z7")
    one("zip Z7", "size-past", 1, size=4000, packed=4000)
    good = archive(entries())
    for name, target in (("record", DATA), ("pickle", GOOD), ("version", b"3\n")):
        at = good.index(target) + len(target) // 2
        add(f"zip-flip-in-{name}.pth", good[:at] + bytes([good[at] ^ 4]) + good[at + 1:], "zip Z8")
    one("zip Z8", "wrong-crc", 1, crc=0x12345678)
    one("zip Z8", "crc-zero", 1, crc=0)
    add("zip-no-pickle.pth", archive(entries()[1:]), "zip Z9")
    add("zip-no-version.pth", archive(entries()[:2]), "zip Z9")
    versions = b"0\n", b"11\n", b"99\n", b"x", b"", b"-1", b"3 ", b"03", b"3\n\n", b"3" * 15, b"3" * 16
    for number, text in enumerate(versions):
        add(f"zip-version-{number}.pth", archive(entries()[:2] + [("version", text, {})]), "zip Z9")
    add("zip-torchscript.pth", archive(entries() + [("constants.pkl", pickle(b")"), {})]), "zip Z9")
    add("zip-pickle-in-folder.pth", archive(entries()[1:] + [("sub/data.pkl", GOOD, {})]), "zip Z9")
    add("zip-big-endian.pth", archive(entries() + [("byteorder", b"big", {})]), "zip Z10")
    add("zip-byteorder-odd.pth", archive(entries() + [("byteorder", b"Little", {})]), "zip Z10")
    add("good-byteorder.pth", archive(entries() + [("byteorder", b"little", {}), (".format_version", b"1", {}),
                                                   (".data/serialization_id", b"0" * 40, {})]), "")


def pickle_files():
    def one(rule, name, body, **o):
        add(f"pickle-{name}.pth", archive(entries(data_pkl=body if o.pop("raw", False) else pickle(body), **o)), rule)
    w = lambda rule, name, value, **o: one(rule, name, state(("w", value)), **o)

    for protocol in (0, 1, 3, 4, 5, 255):
        one("pickle P1", f"protocol-{protocol}", b"\x80" + bytes([protocol]) + GOOD[2:], raw=True)
    one("pickle P1", "no-proto", GOOD[2:], raw=True)
    one("pickle P1", "proto-again", b"\x80\x02" + state(("w", tensor())))
    for name, op in (("dup", b"2"), ("pop", b"0"), ("pop-mark", b"1"), ("inst", b"ios\nsystem\n"), ("obj", b"o"),
                     ("put-text", b"p0\n"), ("get-text", b"g0\n"), ("int-text", b"I1\n"), ("float-text", b"F1\n"),
                     ("string-text", b"S'a'\n"), ("unicode-text", b"Vabc\n"), ("persid", b"Pabc\n"), ("dict", b"d"),
                     ("list", b"l"), ("long4", b"\x8b\1\0\0\0\1"), ("ext1", b"\x82\1"), ("ext2", b"\x83\1\0"),
                     ("ext4", b"\x84\1\0\0\0"), ("frame", b"\x95" + bytes(8)), ("memoize", b"\x94"),
                     ("stack-global", b"\x93"), ("short-unicode", b"\x8c\1a"), ("binbytes", b"B\1\0\0\0a"),
                     ("short-binbytes", b"C\1a"), ("binstring", b"T\1\0\0\0a"), ("empty-set", b"\x8f"),
                     ("newobj-ex", b"\x92"), ("bytearray", b"\x96" + bytes(8)), ("next-buffer", b"\x97"),
                     ("byte-255", b"\xff"), ("byte-0", b"\0")):
        one("pickle P2", "op-" + name, b"N" + op + b"0")
    one("pickle P2", "long-9", state(("w", tensor(size=(2**64,)))))
    one("pickle P2", "long-255", b"\x8a\xff" + bytes(255))
    for name, glob in (("os-system", ("os", "system")), ("posix-system", ("posix", "system")),
                       ("eval", ("builtins", "eval")), ("exec-py2", ("__builtin__", "exec")),
                       ("subprocess", ("subprocess", "Popen")), ("getattr", ("builtins", "getattr")),
                       ("torch-load", ("torch", "load")), ("torch-hub", ("torch.hub", "load")),
                       ("case", ("Collections", "OrderedDict")), ("space", ("collections ", "OrderedDict")),
                       ("dotted", ("collections", "OrderedDict.fromkeys")), ("empty", ("", "")),
                       ("untyped", ("torch.storage", "UntypedStorage")), ("complex", ("torch", "ComplexFloatStorage")),
                       ("rebuild-v3", ("torch._utils", "_rebuild_tensor_v3")),
                       ("runpy", ("runpy", "_run_code")), ("storage-loader", ("torch.storage", "_load_from_bytes")),
                       ("long", ("x" * 200, "y")), ("utf8", ("\u00f6s", "system")), ("escape", ("\x1b[31m", "x"))):
        one("pickle P3", "global-" + name, g(*glob) + t(u("echo hi")) + b"R")
    one("pickle P3", "global-never-called", state(("w", tensor()), ("x", g("os", "system"))))
    for n in (1, 2, 3, 10, len(GOOD) // 2, len(GOOD) - 2, len(GOOD) - 1):
        one("pickle P4", f"cut-{n}", GOOD[:n], raw=True)
    one("pickle P4", "string-past", b"X\xf0\x00\x00\x00abc")
    one("pickle P4", "binint-cut", b"\x80\x02J\1\2", raw=True)
    one("pickle P4", "global-cut", b"\x80\x02cos\nsys", raw=True)
    one("pickle P5", "tuple1-empty", b"\x85")
    one("pickle P5", "tuple2-short", b"N\x86")
    one("pickle P5", "tuple3-over-mark", b"NN(N\x87")
    one("pickle P5", "reduce-empty", b"R")
    one("pickle P5", "reduce-over-mark", g("collections", "OrderedDict") + b"()R")
    one("pickle P5", "build-short", b"}b")
    one("pickle P5", "put-empty", b"q\0")
    one("pickle P5", "put-a-mark", b"N(q\0")
    one("pickle P5", "tuple-no-mark", b"Nt")
    one("pickle P5", "setitems-no-mark", b"}u")
    one("pickle P5", "setitem-short", b"}N" + b"s")
    one("pickle P5", "setitems-dict-under-two-marks", b"}((u")
    one("pickle P5", "appends-no-container", b"(e")
    one("pickle P5", "persid-empty", b"Q")
    one("pickle P5", "newobj-short", b"N\x81")
    one("pickle P6", "get-unknown", b"h\0")
    one("pickle P6", "get-later", b"Nq\0h\1")
    one("pickle P6", "long-get-unknown", b"j\xff\xff\xff\xff")
    one("pickle P6", "put-huge", b"Nr\xff\xff\xff\xff")
    one("pickle P6", "put-out-of-order", b"Nq\x05")
    one("pickle P7", "deep-stack", b"N" * 10001)
    one("pickle P7", "many-marks", b"(" * 1001)
    one("pickle P7", "long-string", u("x" * 65537))
    one("pickle P8", "setitem-on-list", b"]" + u("a") + b"Ns")
    one("pickle P8", "setitem-on-tensor", tensor() + u("a") + b"Ns")
    one("pickle P8", "setitems-on-tuple", b")(" + u("a") + b"Nu")
    one("pickle P8", "setitems-odd", b"}(" + u("a") + b"u")
    one("pickle P8", "key-none", b"}(NNu")
    one("pickle P8", "key-tuple", b"}()Nu")
    one("pickle P8", "key-float", b"}(G" + bytes(8) + b"Nu")
    one("pickle P8", "key-bool", b"}(\x88Nu")
    one("pickle P8", "append-on-dict", b"}Na")
    one("pickle P8", "append-on-tensor", tensor() + b"Na")
    one("pickle P8", "appends-on-ordered", ORDERED + b"(Ne")
    one("pickle P8", "build-on-tensor", tensor() + b"}b")
    one("pickle P8", "build-on-list", b"]}b")
    one("pickle P8", "build-on-dict", b"}}b")
    one("pickle P8", "build-with-tuple", ORDERED + b")b")
    one("pickle P8", "build-on-global", g("collections", "OrderedDict") + b"}b")
    one("pickle P8", "setitem-on-namespace", g("argparse", "Namespace") + b")\x81" + u("a") + b"Ns")
    one("pickle P9", "key-twice", state(("w", tensor()), ("w", tensor())))
    one("pickle P9", "key-twice-apart", b"}(" + u("w") + tensor() + b"u(" + u("x") + tensor() + u("w") + tensor() + b"u")
    one("pickle P9", "key-twice-memo", b"}(" + u("w") + b"q\0" + tensor() + b"h\0" + tensor() + b"u")
    one("pickle P9", "integer-twice", b"}(" + i(300) + b"N" + b"\x8a\2" +
        struct.pack("<h", 300) + b"Nu")
    one("pickle P10", "call-none", b"N)R")
    one("pickle P10", "call-string", u("os.system") + t(u("id")) + b"R")
    one("pickle P10", "call-storage-class", g("torch", "FloatStorage") + b")R")
    one("pickle P10", "call-tensor", tensor() + b")R")
    one("pickle P10", "call-with-dict", g("collections", "OrderedDict") + b"}R")
    one("pickle P10", "ordered-with-items", g("collections", "OrderedDict") + t(b"]") + b"R")
    one("pickle P10", "new-ordered", g("collections", "OrderedDict") + b")\x81")
    one("pickle P10", "new-none", b"N)\x81")
    one("pickle P10", "new-namespace-list", g("argparse", "Namespace") + b"]\x81")
    one("pickle P11", "not-utf8", u(b"\xff\xfe"))
    one("pickle P11", "surrogate", u(b"\xed\xa0\x80"))
    one("pickle P11", "overlong", u(b"\xc0\xaf"))
    one("pickle P11", "cut-utf8", u(b"a\xe2\x82"))
    one("pickle P11", "short-string-latin1", b"U\1\xe4")
    one("pickle P12", "two-values", b"NN")
    one("pickle P12", "no-value", b"")
    one("pickle P12", "open-mark", b"N(")
    one("pickle P12", "after-stop", GOOD + b"x", raw=True)
    one("pickle P12", "two-pickles", GOOD * 2, raw=True)
    one("pickle P13", "model", g("torch.nn.modules.container", "Sequential") + b")\x81}b")
    one("pickle P13", "module-id", t(u("module"), NONE, NONE, NONE) + b"Q")
    one("pickle P13", "parameter-class", g("torch.nn.parameter", "Parameter") + b")\x81")

    one("tensor T12", "none", b"N")
    one("tensor T12", "a-tensor", tensor())
    one("tensor T12", "empty-dict", b"}")
    one("tensor T12", "no-tensors", state(("epoch", i(3))))
    one("tensor T12", "self-in-list", b"]q\0h\0a")
    one("tensor T12", "self-in-dict", b"}q\0" + u("a") + b"h\0s")
    one("tensor T12", "state-dict-of-self", b"}q\0" + u("state_dict") + b"h\0s")
    one("tensor T12", "expansion", b"N" + b"".join(b"q" + bytes([n]) + b"h" + bytes([n]) + b"\x86" for n in range(50)))
    one("tensor T12", "deep-tuples", b")" + b"\x85" * 5000)
    one("tensor T12", "mixed", state(("w", tensor()), ("epoch", i(1))))
    one("tensor T12", "integer-names", b"}(" + i(1) + tensor() + b"u")
    one("tensor T12", "several", state(("a", state(("w", tensor()))), ("b", state(("w", tensor())))))
    one("tensor T12", "two-known", state(("params", state(("w", tensor()))), ("params_ema", state(("w", tensor())))))
    one("tensor T13", "empty-name", state(("", tensor())))
    one("tensor T13", "long-name", state(("x" * 513, tensor())))
    one("tensor T13", "nul-name", state(("w\0evil", tensor())))

    w("tensor T1", "id-4", tensor(storage=t(u("storage"), g("torch", "FloatStorage"), u("0"), u("cpu")) + b"Q"))
    w("tensor T1", "id-6", tensor(storage=persistent(extra=(NONE,))))
    w("tensor T1", "id-tag", tensor(tag="stories"))
    w("tensor T1", "id-none", tensor(storage=b"NQ"))
    w("tensor T1", "id-list", tensor(storage=b"]Q"))
    w("tensor T1", "id-class", tensor(module="collections", cls="OrderedDict"))
    w("tensor T1", "id-class-string", tensor(storage=t(u("storage"), u("FloatStorage"), u("0"), u("cpu"), i(4)) + b"Q"))
    w("tensor T1", "id-location", tensor(location=NONE))
    w("tensor T1", "numel-negative", tensor(numel=-4))
    w("tensor T1", "numel-float", tensor(numel=b"G" + bytes(8)))
    w("tensor T1", "numel-bool", tensor(numel=TRUE))
    for name, key in (("dotdot", "../0"), ("zeros", "00"), ("ten-digits", "1234567890"), ("empty", ""), ("letter", "a"),
                      ("minus", "-1"), ("space", " 0"), ("nul", "0\0"), ("integer", i(0))):
        w("tensor T2", "key-" + name, tensor(key=key))
    w("tensor T3", "record-missing", tensor(key="7"))
    w("tensor T3", "numel-larger", tensor(numel=1000, size=(1000,)))
    w("tensor T3", "numel-smaller", tensor(numel=3, size=(3,)))
    w("tensor T3", "numel-wraps", tensor(numel=0x4000000000000001 + 3, size=(4,)))
    w("tensor T3", "numel-maximal", tensor(numel=2**63 - 1))
    w("tensor T3", "class-larger", tensor(cls="DoubleStorage"))
    w("tensor T3", "record-empty", tensor(), record=b"")
    one("tensor T3", "unused-storage", state(("w", tensor()), ("x", tensor(key="8"))))
    one("tensor T4", "class-changes", state(("w", tensor()), ("x", tensor(cls="IntStorage"))))
    one("tensor T4", "numel-changes", state(("w", tensor()), ("x", tensor(numel=2, size=(2,)))))
    w("tensor T5", "five-arguments", REBUILD + t(persistent(), i(0), t(i(4)), t(i(1)), FALSE) + b"R")
    w("tensor T5", "eight-arguments", tensor(extra=(NONE, NONE)))
    w("tensor T5", "storage-none", tensor(storage=NONE))
    w("tensor T5", "storage-class", tensor(storage=g("torch", "FloatStorage")))
    w("tensor T5", "storage-tensor", tensor(storage=tensor()))
    w("tensor T5", "offset-none", tensor(offset=NONE))
    w("tensor T5", "offset-bool", tensor(offset=TRUE))
    w("tensor T5", "size-list", tensor(size=b"]"))
    w("tensor T5", "size-integer", tensor(size=i(4)))
    w("tensor T5", "size-of-none", tensor(size=(NONE,)))
    w("tensor T5", "size-of-bool", tensor(size=(TRUE,)))
    w("tensor T5", "stride-dict", tensor(stride=b"}"))
    w("tensor T5", "stride-of-string", tensor(stride=(u("1"),)))
    w("tensor T5", "grad-integer", tensor(grad=i(0)))
    w("tensor T5", "hooks-none", tensor(hooks=NONE))
    w("tensor T5", "hooks-filled", tensor(hooks=state(("hook", NONE), kind=ORDERED)))
    w("tensor T5", "metadata-filled", tensor(extra=(state(("a", NONE)),)))
    w("tensor T5", "parameter-of-none", g("torch._utils", "_rebuild_parameter") + t(NONE, TRUE, ORDERED) + b"R")
    w("tensor T5", "parameter-of-two", g("torch._utils", "_rebuild_parameter") + t(tensor(), TRUE) + b"R")
    w("tensor T5", "parameter-hooks", g("torch._utils", "_rebuild_parameter") + t(tensor(), TRUE, NONE) + b"R")
    w("tensor T6", "nine-dimensions", tensor(size=(1,) * 9, stride=(1,) * 9))
    w("tensor T6", "ranks-differ", tensor(size=(2, 2), stride=(1,)))
    w("tensor T6", "size-negative", tensor(size=(-4,)))
    w("tensor T6", "stride-negative", tensor(stride=(-1,)))
    w("tensor T6", "offset-negative", tensor(offset=-1))
    w("tensor T6", "product-overflows", tensor(size=(2**32, 2**32), stride=(0, 0)))
    w("tensor T6", "product-wraps-to-zero", tensor(size=(2**32, 2**32, 0), stride=(0, 0, 0)))
    w("tensor T6", "stride-overflows", tensor(size=(2, 2), stride=(2**62, 2**62)))
    w("tensor T6", "stride-wraps", tensor(size=(5,), stride=(2**62,)))
    w("tensor T7", "size-past", tensor(size=(5,)))
    w("tensor T7", "offset-past", tensor(offset=1))
    w("tensor T7", "offset-far", tensor(offset=2**62))
    w("tensor T7", "stride-past", tensor(size=(2,), stride=(4,)))
    w("tensor T7", "empty-storage", tensor(numel=0, size=(1,)), record=b"")
    w("tensor T8", "expanded", tensor(size=(2**40,), stride=(0,)))
    w("tensor T8", "expanded-a-little", tensor(size=(5,), stride=(0,)))
    w("tensor T8", "expanded-square", tensor(size=(2**20, 2**20), stride=(0, 0)))
    nan, inf = struct.pack("<4f", 1, float("nan"), 2, 3), struct.pack("<4f", 1, 2, float("-inf"), 3)
    w("tensor T10", "nan", tensor(), record=nan)
    w("tensor T10", "infinity", tensor(), record=inf)
    w("tensor T10", "nan-strided", tensor(size=(2, 2), stride=(1, 2)), record=nan)
    w("tensor T10", "double-beyond-float", tensor(cls="DoubleStorage", numel=2, size=(2,)),
      record=struct.pack("<2d", 1, 1e39))
    w("tensor T10", "half-infinity", tensor(cls="HalfStorage", numel=8), record=b"\0\x7c" * 8)
    square = persistent(numel=1024)
    one("tensor T9", "many-copies", b"}(" + b"".join(
        u(str(n)) + tensor(storage=square, size=(32, 32), stride=(1, 32)) for n in range(350)) + b"u", record=bytes(4096))
    again = b"".join(u(str(n)) + b"h\0" for n in range(1, 1200))
    one("tensor T9", "many-shared", b"}(" + u("0") + tensor(numel=2048, size=(2048,)) + b"q\0" + again + b"u",
        record=bytes(8192))
    one("tensor T11", "variance", state(("bn.running_var", tensor())), record=struct.pack("<4f", 1, -1e-9, 1, 1))


    one("", "good-seven-arguments", state(("w", tensor(extra=(NONE,)))))
    one("", "good-memo-from-1", b"}q\1(" + u("w") + b"q\2" + tensor() + b"u")
    one("", "good-namespace", state(("model", state(("w", tensor()))), ("args", g("argparse", "Namespace") + b")\x81" +
        state(("lr", b"G" + bytes(8))) + b"b")))
    one("", "good-cycle-outside", state(("model", state(("w", tensor()))), ("x", b"]q\0h\0a")))
    w("", "good-parameter", g("torch._utils", "_rebuild_parameter") + t(tensor(), TRUE, ORDERED) + b"R")
    w("", "good-empty-far-away", tensor(size=(0,), offset=5))
    w("", "good-short-string", tensor(key=b"U\1" + b"0"))


def legacy_files():
    one = lambda rule, name, **o: add(f"legacy-{name}.pth", legacy(**o), rule)
    one("", "good")
    view = lambda offset, numel: t(u("95"), i(offset), i(numel))
    one("", "good-keys-of-two-lengths", keys=("94", "5"), storages=((4, DATA),) * 2,
        body=state(("a", legacy_tensor()), ("b", legacy_tensor(key="5"))))
    one("", "good-view", body=state(("w", legacy_tensor(view=view(1, 3), size=(2,), offset=1))))
    one("legacy L1", "no-magic", magic=b"")
    one("legacy L1", "magic-changed", magic=MAGIC[:5] + b"\x6d" + MAGIC[6:])
    one("legacy L1", "only-pickle", magic=pickle(state(("w", NONE))))
    one("legacy L2", "version-1000", version=1000)
    one("legacy L2", "version-string", version=u("1001"))
    one("legacy L3", "system-none", system=NONE)
    one("legacy L3", "system-empty", system=b"}")
    one("legacy L3", "big-endian", system=state(("protocol_version", i(1001)), ("little_endian", FALSE)))
    one("legacy L3", "endian-integer", system=state(("protocol_version", i(1001)), ("little_endian", i(1))))
    one("legacy L3", "system-version", system=state(("protocol_version", i(1002)), ("little_endian", TRUE)))
    one("legacy L4", "keys-none", keys=NONE)
    one("legacy L4", "keys-tuple", keys=t(u("94")))
    one("legacy L4", "keys-integer", keys=b"](" + i(94) + b"e")
    one("legacy L4", "keys-empty", keys=(), storages=())
    one("legacy L4", "keys-twice", keys=("94", "94"), storages=((4, DATA),) * 2)
    one("legacy L4", "keys-other", keys=("95",))
    one("legacy L4", "keys-more", keys=("94", "95"), storages=((4, DATA),) * 2)
    one("legacy L5", "numel-larger", storages=((5, DATA),))
    one("legacy L5", "numel-negative", storages=((-1, DATA),))
    one("legacy L5", "data-short", storages=((4, DATA[:-1]),))
    one("legacy L5", "data-missing", storages=())
    one("legacy L5", "numel-cut", storages=(), tail=b"\4\0\0")
    one("legacy L5", "numel-huge", body=state(("w", legacy_tensor(numel=2**62 + 4))), storages=((2**62 + 4, DATA),))
    one("legacy L6", "tail", tail=b"x")
    one("legacy L6", "tail-storage", storages=((4, DATA), (4, DATA)))
    one("tensor T1", "id-5", body=state(("w", tensor(key="94"))))
    one("tensor T1", "view-list", body=state(("w", legacy_tensor(view=b"]"))))
    one("tensor T1", "view-past", body=state(("w", legacy_tensor(view=view(1, 4)))))
    one("tensor T1", "view-negative", body=state(("w", legacy_tensor(view=view(-1, 4)))))
    one("tensor T1", "view-numel-negative", body=state(("w", legacy_tensor(view=view(0, -1)))))
    one("tensor T1", "view-wraps", body=state(("w", legacy_tensor(view=view(2**62, 2**62)))))
    one("tensor T1", "id-in-keys", keys=b"](" + persistent(key="94", extra=(NONE,)) + b"e")
    one("tensor T2", "key-letters", body=state(("w", legacy_tensor(key="x94"))))
    one("tensor T2", "key-21-digits", body=state(("w", legacy_tensor(key="1" * 21))))
    one("tensor T7", "past-view", body=state(("w", legacy_tensor(view=view(1, 3), size=(3,), offset=1))))
    one("tensor T7", "past-storage", body=state(("w", legacy_tensor(size=(5,)))))
    one("tensor T8", "expanded", body=state(("w", legacy_tensor(size=(2**40,), stride=(0,)))))
    one("tensor T4", "class-changes", body=state(("w", legacy_tensor()), ("x", legacy_tensor(cls="IntStorage"))))
    one("tensor T10", "nan", storages=((4, struct.pack("<4f", 1, float("nan"), 1, 1)),))
    one("pickle P3", "os-system", body=g("os", "system") + t(u("id")) + b"R")
    one("pickle P3", "os-system-in-version", version=g("os", "system") + t(u("id")) + b"R")
    one("pickle P3", "os-system-in-keys", keys=g("os", "system") + t(u("id")) + b"R")
    one("pickle P9", "key-twice", body=state(("w", legacy_tensor()), ("w", legacy_tensor())))
    one("pickle P13", "model", body=t(u("module"), NONE, u("a.py"), u("source")) + b"Q")
    whole = legacy()
    pickles = len(whole) - 8 - len(DATA)
    for n in (16, 20, pickles // 2, pickles - 1):
        one("pickle P4", f"cut-{n}", cut=n)
    add("legacy-bare-pickle.pth", GOOD, "legacy L1")
    add("legacy-protocol-4.pth", b"\x80\x04\x95" + bytes(20), "legacy L1")


def safetensors_files():
    def one(rule, name, *args, **o):
        add(f"safe-{name}.safetensors", safetensors(*args, **o), rule and "safetensors " + rule)
    f = lambda shape=(4,), begin=0, end=16, dtype="F32": {"dtype": dtype, "shape": list(shape),
                                                          "data_offsets": [begin, end]}
    w = lambda rule, name, value, data=DATA: one(rule, name, {"w": value}, data)
    text = lambda rule, name, shape="[4]", offsets="[0,16]", data=DATA: one(
        rule, name, '{"w":{"dtype":"F32","shape":%s,"data_offsets":%s}}' % (shape, offsets), data)
    w("", "good", f())
    one("", "good-empty", "{}")
    one("", "good-spaces", " \t\r\n" + json.dumps({"w": f()}) + " \t\r\n  ", DATA)
    one("", "good-unaligned", {"a": f((1,), 0, 1, "U8"), "w": f((4,), 1, 17)}, b"\7" + DATA)
    one("", "good-metadata", {"__metadata__": {"a": "b"}, "w": f()}, DATA)
    one("", "good-zero", {"z": f((0, 5), 0, 0), "w": f(), "y": f((3, 0), 16, 16)}, DATA)
    add("safe-empty-file.safetensors", b"", "safetensors S1")
    add("safe-seven-bytes.safetensors", b"\2\0\0\0\0\0\0", "safetensors S1")
    add("safe-header-too-large.safetensors", bytes.fromhex("3c00000000ffffff"), "safetensors S1")
    add("safe-no-header.safetensors", bytes.fromhex("3c00000000000000"), "safetensors S1")
    add("safe-length-maximal.safetensors", b"\xff" * 8 + b"{}", "safetensors S1")
    add("safe-length-past.safetensors", safetensors("{}", length=3), "safetensors S1")
    one("S2", "length-0", "")
    one("S2", "not-utf8", b"\xff")
    one("S2", "open", "{")
    for n, bad in enumerate(("[]", "null", "1", '"a"', "{} x", "{}{}", "{}\0", "\0{}", "\v{}", "\ufeff{}", "{'a':1}", "{a:1}",
                             '{"a":1,}', "{}//", '{"a":01}', '{"a":1.}', '{"a":+1}', '{"a":NaN}', '{"a":"\n"}',
                             '{"a":"\\x"}', '{"a":"\\ud800"}', "   ")):
        one("S2", f"json-{n}", bad)
    one("S2", "utf8-inside", b'{"a\xff":1}')
    one("S2", "deep", '{"a":' + "[" * 100 + "]" * 100 + "}")
    one("S2", "twice", '{"w":%s,"w":%s}' % (json.dumps(f()), json.dumps(f())), DATA)
    one("S2", "twice-escaped", '{"w":%s,"\\u0077":%s}' % (json.dumps(f()), json.dumps(f())), DATA)
    one("S2", "twice-inside", '{"w":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}', DATA)
    one("S2", "twice-metadata", '{"__metadata__":{"a":"b","a":"b"}}')
    one("S2", "nul-name", '{"w\\u0000x":%s}' % json.dumps(f()), DATA)
    for name, value in (("list", []), ("string", "a"), ("number", {"a": 1}), ("nested", {"a": {}}), ("null", {"a": None})):
        one("S4", "metadata-" + name, {"__metadata__": value, "w": f()}, DATA)
    for name, value in (("number", 1), ("list", [1, 2, 3]), ("null", None), ("empty", {}), ("string", "F32")):
        w("S5", "entry-" + name, value)
    for key in ("dtype", "shape", "data_offsets"):
        w("S5", "without-" + key, {k: v for k, v in f().items() if k != key})
    w("S5", "extra-key", {**f(), "x": 1})
    w("S5", "other-key", {**{k: v for k, v in f().items() if k != "dtype"}, "Dtype": "F32"})
    for name, dtype in (("number", 1), ("lower", "f32"), ("empty", ""), ("unknown", "F31"), ("f8", "F8_E4M3"),
                        ("c64", "C64"), ("f4", "F4"), ("null", None)):
        w("S6", "dtype-" + name, f(dtype=dtype))
    for name, shape in (("number", "4"), ("string", '"4"'), ("negative", "[-4]"), ("minus-0", "[-0]"), ("fraction", "[4.0]"),
                        ("exponent", "[4e0]"), ("nested", "[[4]]"), ("null", "[null]"), ("nine", "[1,1,1,1,1,1,1,1,1]"),
                        ("2-48", "[281474976710656]"), ("u64", "[2,18446744073709551614]"),
                        ("i64", "[2,9223372036854775807]"), ("beyond", "[99999999999999999999999]"),
                        ("product", "[281474976710655,281474976710655]"),
                        ("wraps-to-zero", "[4294967296,4294967296]"), ("bytes-wrap", "[2147483648,2147483648]"),
                        ("zero-wraps", "[0,4294967296,4294967296]"), ("object", "{}")):
        text("S7", "shape-" + name, shape=shape)
    for name, offsets in (("number", "16"), ("one", "[16]"), ("three", "[0,16,16]"), ("reversed", "[16,0]"),
                          ("negative", "[-1,15]"), ("fraction", "[0.0,16]"), ("string", '["0","16"]'), ("short", "[0,15]"),
                          ("long", "[0,17]"), ("empty", "[]"), ("maximal", "[0,18446744073709551615]"),
                          ("beyond", "[0,18446744073709551632]"), ("object", "{}")):
        text("S8", "offsets-" + name, offsets=offsets)
    text("S8", "square-in-4", shape="[2,2]", offsets="[0,4]")
    w("S9", "hole-first", f(begin=4, end=20), DATA + b"1234")
    one("S9", "hole", {"a": f((1,), 0, 4), "b": f((1,), 8, 12)}, DATA[:12])
    one("S9", "overlap", {"a": f((2,), 0, 8), "b": f((2,), 4, 12)}, DATA[:12])
    one("S9", "same", {"a": f(), "b": f()}, DATA)
    w("S9", "tail", f(), DATA + b"x")
    w("S9", "short", f(), DATA[:-2])
    w("S9", "no-data", f(), b"")
    one("S9", "empty-with-data", "{}", b"x")
    w("S9", "far", f(begin=2**63, end=2**63 + 16))
    one("S9", "empty-inside", {"a": f(), "b": f((0,), 8, 8)}, DATA)
    one("S11", "name-empty", {"": f()}, DATA)
    one("S11", "name-long", {"x" * 513: f()}, DATA)
    add("safe-nan.safetensors", safetensors({"w": f()}, struct.pack("<4f", 1, 2, float("nan"), 3)), "tensor T10")
    add("safe-variance.safetensors", safetensors({"bn.running_var": f()}, struct.pack("<4f", 1, 2, -3, 3)), "tensor T11")


def other_files():
    add("tar.pth", b"storages".ljust(257, b"\0") + b"ustar  \0" + bytes(200), "format")
    add("gzip.pth", b"\x1f\x8b\x08\0" + bytes(20), "format")
    add("hdf5.pth", b"\x89HDF\r\n\x1a\n" + bytes(20), "format")
    add("text.pth", b"this is not a checkpoint\n", "format")
    add("empty.pth", b"", "format")
    add("json.pth", b'{"a": 1}', "format")
    add("html.pth", b"<!DOCTYPE html><html>Quota exceeded</html>", "format")
    add("png.pth", b"\x89PNG\r\n\x1a\n" + bytes(30), "format")
    add("git-lfs.pth", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n", "format")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "data/hostile"
    os.makedirs(folder, exist_ok=True)
    for part in (zip_files, pickle_files, legacy_files, safetensors_files, other_files):
        part()
    names = [name for name, _, _ in FILES]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    for old in os.listdir(folder):
        os.remove(os.path.join(folder, old))
    for name, data, _ in FILES:
        assert len(data) < 100000, name
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    with open(os.path.join(folder, "manifest.tsv"), "w") as file:
        for name, _, rule in FILES:
            file.write(f"{name}\t{rule or 'fine'}\n")


main()
