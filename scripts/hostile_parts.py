"""Pickles, zip archives, legacy files and safetensors put together piece by piece, so that any piece can be
wrong: for make_hostile.py.
"""
import json
import struct
import zlib

# ---------------------------------------------------------------------------------- pickle assembler

def u(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def i(number):
    if 0 <= number < 256:
        return b"K" + bytes([number])
    if -2**31 <= number < 2**31:
        return b"J" + struct.pack("<i", number)
    size = 8 if -2**63 <= number < 2**63 else 9
    return b"\x8a" + bytes([size]) + number.to_bytes(size, "little", signed=True)


def g(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def t(*items):
    return b"(" + b"".join(items) + b"t"


TRUE, FALSE, NONE = b"\x88", b"\x89", b"N"
ORDERED = g("collections", "OrderedDict") + b")R"
REBUILD = g("torch._utils", "_rebuild_tensor_v2")


def persistent(key="0", cls="FloatStorage", numel=4, module="torch", location=None, extra=(), tag="storage"):
    key = key if isinstance(key, bytes) else u(key)
    return t(u(tag), g(module, cls), key, location or u("cpu"), numel if isinstance(numel, bytes) else i(numel),
             *extra) + b"Q"


def tensor(storage=None, offset=0, size=(4,), stride=(1,), grad=FALSE, hooks=ORDERED, extra=(), **id):
    args = [persistent(**id) if storage is None else storage, offset if isinstance(offset, bytes) else i(offset),
            size if isinstance(size, bytes) else t(*[s if isinstance(s, bytes) else i(s) for s in size]),
            stride if isinstance(stride, bytes) else t(*[s if isinstance(s, bytes) else i(s) for s in stride]),
            grad, hooks, *extra]
    return REBUILD + t(*args) + b"R"


def state(*pairs, kind=b"}"):
    return kind + b"(" + b"".join(u(k) + v for k, v in pairs) + b"u"


def pickle(body):
    return b"\x80\x02" + body + b"."


# ------------------------------------------------------------------------------------- zip assembler

def archive(entries, root="archive", zip64=True, eocd=None, end64=None, locator=None, prefix=b"", suffix=b"",
            comment=b"", directory_tail=b"", before_directory=b"", first_gap=b""):
    """entries: (name, data, {overrides}). Lays the file out as torch.save does."""
    out, listed = prefix + first_gap, []
    for name, data, o in entries:
        full = o.get("name", (root + "/" + name).encode())
        start = o.get("header", len(out))
        crc, flags, method = o.get("crc", zlib.crc32(data)), o.get("flags", 0x0808), o.get("method", 0)
        packed, size = o.get("packed", len(data)), o.get("size", len(data))
        local_name = o.get("local_name", full)
        extra = o.get("extra", b"FB\x04\x00ZZZZ")
        if "header" not in o or o.get("write", False):
            out += struct.pack("<IHHHHHIIIHH", o.get("local_signature", 0x04034b50), 0,
                               o.get("local_flags", flags), o.get("local_method", method), 0, 0,
                               o.get("local_crc", 0), o.get("local_packed", 0), o.get("local_size", 0),
                               len(local_name), len(extra)) + local_name + extra + data
            out += o.get("descriptor", struct.pack("<IIII", 0x08074b50, crc, packed, size)) + o.get("gap", b"")
        listed.append(struct.pack("<IHHHHHHIIIHHHHHII", o.get("listed_signature", 0x02014b50), 0, 0,
                                  flags, method, 0, 0, crc, packed, size, o.get("name_length", len(full)),
                                  len(o.get("listed_extra", b"")), len(o.get("entry_comment", b"")),
                                  o.get("disk", 0), 0, 0, start)
                      + full + o.get("listed_extra", b"") + o.get("entry_comment", b""))
    out += before_directory
    directory = b"".join(listed) + directory_tail
    at, count, size = len(out), len(listed), len(directory)
    out += directory
    if zip64:
        e = {"signature": 0x06064b50, "length": 44, "disk": 0, "here": count, "count": count, "size": size, "at": at}
        e.update(end64 or {})
        l = {"signature": 0x07064b50, "disk": 0, "at": len(out), "disks": 1}
        l.update(locator or {})
        out += struct.pack("<IQHHIIQQQQ", e["signature"], e["length"], 0, 0, e["disk"], 0, e["here"], e["count"],
                           e["size"], e["at"])
        out += struct.pack("<IIQI", l["signature"], l["disk"], l["at"], l["disks"])
    e = {"disk": 0, "here": count, "count": count, "size": size, "at": at}
    e.update(eocd or {})
    out += struct.pack("<IHHHHIIH", 0x06054b50, e["disk"], 0, e["here"], e["count"], e["size"], e["at"],
                       len(comment)) + comment
    return out + suffix


GOOD = pickle(state(("w", tensor())))
DATA = struct.pack("<4f", 1, 2, 3, 4)


def entries(data_pkl=GOOD, record=DATA, which=None, **overrides):
    """The three records of a small file; `overrides` go to the record number `which`."""
    result = [("data.pkl", data_pkl, {}), ("data/0", record, {}), ("version", b"3\n", {})]
    if which is not None:
        result[which] = (*result[which][:2], overrides)
    return result


# -------------------------------------------------------------------------------------------- legacy

MAGIC = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")


def legacy(version=1001, system=None, body=None, keys=("94",), storages=((4, DATA),), magic=MAGIC, tail=b"", cut=None):
    system = system if system is not None else state(("protocol_version", i(1001)), ("little_endian", TRUE),
                                                     ("type_sizes", state(("short", i(2)))))
    body = body if body is not None else state(("w", legacy_tensor()))
    keys = keys if isinstance(keys, bytes) else b"](" + b"".join(u(k) for k in keys) + b"e"
    out = magic + pickle(version if isinstance(version, bytes) else i(version)) + pickle(system) + pickle(body) + \
        pickle(keys)
    for numel, raw in storages:
        out += struct.pack("<Q", numel & 2**64 - 1) + raw
    return (out + tail)[:cut]


def legacy_tensor(key="94", view=NONE, numel=4, cls="FloatStorage", **o):
    return tensor(storage=persistent(key=key, cls=cls, numel=numel, extra=(view,)), **o)


# --------------------------------------------------------------------------------------- safetensors

def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data
