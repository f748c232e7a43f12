#!/usr/bin/env python3
"""Which lines and branches the tests of a build with --coverage reached, by folder and for the parsers.

    scripts/coverage.py BUILD [FILE...]     with files: the lines of them with branches not taken

Exits with 1, and says what is short, unless 90 % of the branches of each parser and 80 % of all are taken.

Read from gcov's JSON. Branches on lines with an assert are left out: they hold in every program that is
right. Nothing else is: running out of memory ends the process in base/mem.c, and costs no branch
elsewhere. Two things are not seen: what a decoding child under seccomp reaches, as it cannot write its
counts, and what a process reaches that a test kills, or whose system calls a test lets fail.
"""
import collections
import json
import os
import subprocess
import sys

PARSERS = {
    "parser: JSON": ["src/json/scan.c", "src/json/json.c"],
    "parser: safetensors": ["src/weights/safetensors.c"],
    "parser: zip": ["src/weights/zip.c", "src/weights/torch_zip.c"],
    "parser: legacy": ["src/weights/legacy.c"],
    "parser: pickle": ["src/weights/pickle.c", "src/weights/pickle_object.c", "src/weights/pickle_table.c",
                       "src/weights/torch_dict.c"],
    "parser: images": ["src/image/png_walk.c", "src/image/jpeg_scan.c", "src/image/decode.c", "src/image/stb_decode.c"],
    "parser: config": ["src/config/" + name + ".c" for name in (
        "blocks", "config", "lookup", "overlay", "problems", "resolve", "scalars", "sources", "store", "validate",
        "value")],
}
PARSER_BOUND, BOUND = 90, 80  # per cent of the branches


def read(build):
    """{file: ({line: count}, {line: [count of each branch]})}, summed over the objects that have them."""
    lines, branches = collections.defaultdict(dict), collections.defaultdict(dict)
    for folder, _, names in os.walk(build):
        data = [os.path.join(folder, name) for name in names if name.endswith(".gcno")]
        if not data:
            continue
        output = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *data],
                                capture_output=True, check=True, text=True).stdout
        for document in output.splitlines():
            for file in json.loads(document)["files"]:
                name = os.path.normpath(file["file"])
                if not name.startswith("src/") or name.endswith("_test.c"):
                    continue
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[name][number] = lines[name].get(number, 0) + line["count"]
                    counts = [branch["count"] for branch in line["branches"]]
                    before = branches[name].get(number, [])
                    if len(before) == len(counts):
                        counts = [a + b for a, b in zip(before, counts)]
                    elif sum(before) > sum(counts):
                        counts = before
                    branches[name][number] = counts
    for name in branches:
        with open(name, encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                if "assert(" in text:
                    branches[name].pop(number, None)
    return {name: (lines[name], branches[name]) for name in lines}


def counts_of(found, names, which):
    """Of the lines (`which` 0) or the branches (1) of these files, one after the other."""
    if which == 0:
        return [count for name in names for count in found[name][0].values()]
    return [count for name in names for counts in found[name][1].values() for count in counts]


def share(counts):
    return 100 * sum(count > 0 for count in counts) / len(counts) if counts else 100


def row(title, found, names):
    """Prints it, and gives the share of branches taken."""
    lines, branches = counts_of(found, names, 0), counts_of(found, names, 1)
    print(f"{title:28} {len(lines):7} {share(lines):6.1f} % {len(branches):9} {share(branches):6.1f} %")
    return share(branches)


def missed(found, name):
    with open(name, encoding="utf-8") as file:
        text = file.read().splitlines()
    for number, counts in sorted(found[name][1].items()):
        if any(count == 0 for count in counts):
            print(f"{name}:{number}: {sum(c == 0 for c in counts)} of {len(counts)} not taken: {text[number - 1].strip()}")


def main():
    found = read(sys.argv[1])
    if len(sys.argv) > 2:
        for name in sys.argv[2:]:
            missed(found, name)
        return
    parser_files = [name for names in PARSERS.values() for name in names]
    unknown = [name for name in parser_files if name not in found]
    if unknown:
        sys.exit("not in this build: " + ", ".join(unknown))
    short = []

    def hold(title, names, bound):
        taken = row(title, found, names)
        if taken < bound:
            short.append(f"{title}: {taken:.2f} % of the branches, below {bound} %")
            missed_of = {name: counts_of(found, [name], 1).count(0) for name in names}
            for name in sorted(names, key=missed_of.get, reverse=True)[:5]:
                short.append(f"    {missed_of[name]} not taken in {name}")
        return taken

    print(f"{'':28} {'lines':>7} {'':8} {'branches':>9}")
    for folder in sorted({os.path.dirname(name) for name in found}):
        row(folder, found, [name for name in found if os.path.dirname(name) == folder])
    for title, names in PARSERS.items():
        hold(title, names, PARSER_BOUND)
    parsers = hold("all parsers", parser_files, PARSER_BOUND)
    everything = hold("everything", list(found), BOUND)
    print(f"branches taken: {parsers:.1f} % of the parsers' (at least {PARSER_BOUND} % is wanted, of each), "
          f"{everything:.1f} % of all (at least {BOUND} %)")
    if short:
        sys.exit("\n".join(short))


if __name__ == "__main__":
    main()
