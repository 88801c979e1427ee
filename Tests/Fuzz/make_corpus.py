"""Writes the files that the fuzzer begins with, through h5py.

    python make_corpus.py seeds FOLDER            datasets of every layout and encoding
    python make_corpus.py hostile FOLDER          one file for each lie a well-formed file can tell
    python make_corpus.py random FOLDER N SEED    N files that tell several such lies at once

`Corpus/Seeds` and `Corpus/Hostile` are the output of the first two. Files that h5py closes properly are well-formed,
so what is wrong with them is wrong in meaning: it is for Weft to find, not for the HDF5 library.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import zlib
from pathlib import Path

import h5py
import numpy

generator = numpy.random.default_rng(5)


def numbers(*shape):
    return generator.standard_normal(shape).round(1).astype("f4")


def tokens(count, vocabulary):
    return (numpy.arange(count) ** 2 // 3 % vocabulary).astype("u1")


def vocabulary(file, words="abcdefg", dtype=None):
    file.attrs["unit"] = "character"
    if dtype is None:
        dtype = h5py.string_dtype()
    file.create_dataset("vocabulary", data=[w.encode() for w in words], dtype=dtype)


def text(file, **storage):
    vocabulary(file)
    for split, count in [("train", 60), ("validation", 20)]:
        file.create_dataset(f"{split}/tokens", data=tokens(count, 7), **storage)


def dense(file, inputs=None, targets=None, lengths=True, **storage):
    for split, rows in [("train", 12), ("validation", 4)]:
        group = file.create_group(split)
        group.create_dataset("inputs", data=numbers(rows, 6, 3) if inputs is None else inputs(rows), **storage)
        group.create_dataset("targets", data=numbers(rows, 6, 2) if targets is None else targets(rows))
        if lengths:
            group["lengths"] = numpy.arange(rows) % 6 + 1


def ragged(file, type="f4", **storage):
    lengths = numpy.arange(10) % 4 + 1
    group = file.create_group("train")
    group.create_dataset("inputs", data=(10 * numbers(lengths.sum(), 2)).astype(type), **storage)
    group["targets"] = (numpy.arange(lengths.sum()) % 3).astype("i4")
    group["offsets"] = numpy.concatenate([[0], numpy.cumsum(lengths)])


CHUNKED = {"chunks": (3, 6, 3)}
OLD, MIDDLE, NEW = "earliest", ("v108", "v108"), ("v110", "v110")

# The first word of a name tells the configuration, `Corpus/WORD.yaml`; the rest how the file is made.
SEEDS = {
    "text": (OLD, lambda f: text(f, chunks=(16,), compression="gzip")),
    "text-new": (NEW, lambda f: text(f, chunks=(16,), maxshape=(None,), compression="gzip", fletcher32=True)),
    "text-contiguous": (MIDDLE, text),
    "dense": (OLD, lambda f: dense(f, compression="gzip", shuffle=True, **CHUNKED)),
    "dense-new": (NEW, lambda f: dense(f, compression="gzip", shuffle=True, **CHUNKED)),
    "dense-tree": (NEW, lambda f: dense(f, maxshape=(None, None, 3), compression="gzip", **CHUNKED)),
    "dense-lzf": (OLD, lambda f: dense(f, compression="lzf", **CHUNKED)),
    "dense-fletcher": (MIDDLE, lambda f: dense(f, fletcher32=True, **CHUNKED)),
    "dense-contiguous": (OLD, dense),
    "dense-scale-offset": (OLD, lambda f: dense(
        f, inputs=lambda rows: (100 * numbers(rows, 6, 3)).astype("i4"), scaleoffset=0, **CHUNKED)),
    "dense-scale-offset-float": (MIDDLE, lambda f: dense(f, scaleoffset=1, **CHUNKED)),
    "ragged": (OLD, lambda f: ragged(f, chunks=(8, 2), compression="gzip")),
    "ragged-half": (NEW, lambda f: ragged(f, "<f2", chunks=(8, 2))),
    "ragged-big-endian": (MIDDLE, lambda f: ragged(f, ">i2")),
}


def write(folder, name, libver, fill):
    with h5py.File(Path(folder) / f"{name}.h5", "w", libver=libver) as file:
        fill(file)


def seeds(folder):
    for name, (libver, fill) in SEEDS.items():
        write(folder, name, libver, fill)


# What is done to a good file. Each takes the open file and a source of random numbers, and may find nothing to do.

def datasets(file):
    found = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found


def replace(file, name, data=None, **options):
    if name in file:
        del file[name]
    file.create_dataset(name, data=data, **options)


def pick(file, chance, names=("inputs", "tokens", "targets", "lengths", "offsets")):
    fitting = [name for name in datasets(file) if name.rsplit("/", 1)[-1] in names]
    return chance.choice(fitting) if fitting else None


def enormous(file, chance):
    name = pick(file, chance)
    rank = file[name].ndim
    shape = [chance.choice([2**62, 2**40, 2**33, 2**31, 2**63 - 1, 6])] + [chance.choice([3, 6, 2**20])] * (rank - 1)
    try:
        replace(file, name, shape=tuple(shape), dtype=file[name].dtype, chunks=(4,) * rank)
    except (ValueError, OSError, RuntimeError, OverflowError):
        pass


def enormous_chunk(file, chance):
    name = pick(file, chance)
    rank = file[name].ndim
    size = chance.choice([2**28, 2**29, 2**20])
    try:
        replace(file, name, shape=(2**31,) * rank, dtype=file[name].dtype, chunks=(size,) + (1,) * (rank - 1),
                compression=chance.choice([None, "gzip", "lzf"]))
    except (ValueError, OSError, RuntimeError, OverflowError):
        pass


def short_chunk(file, chance):
    """A chunk that holds less than its shape says, whole as far as filters can tell."""
    chunk_of(2, "gzip", 2**18, file, chance)


def short_plain_chunk(file, chance):
    """The same without a filter, of a size that the library would keep in its cache."""
    chunk_of(2, None, 2**13, file, chance)


def long_plain_chunk(file, chance):
    """A chunk without a filter that is longer in the file than its shape."""
    chunk_of(2_000, None, 2**4, file, chance)


def chunk_of(count, compression, rows, file, chance):
    name = pick(file, chance)
    shape, dtype = file[name].shape, file[name].dtype
    if not shape or 0 in shape:
        return
    replace(file, name, shape=shape, maxshape=(None,) * len(shape), dtype=dtype, chunks=(rows,) + shape[1:],
            compression=compression)
    data = bytes(chance.randrange(3) for _ in range(count * dtype.itemsize))
    file[name].id.write_direct_chunk((0,) * len(shape), zlib.compress(data) if compression else data)


def empty(file, chance):
    name = pick(file, chance)
    shape = list(file[name].shape)
    shape[chance.randrange(len(shape))] = 0
    replace(file, name, shape=tuple(shape), dtype=file[name].dtype)


def null(file, chance):
    name = pick(file, chance)
    replace(file, name, h5py.Empty("f4"))


def scalar(file, chance):
    replace(file, pick(file, chance, ("inputs", "tokens", "targets", "lengths", "offsets", "vocabulary")), 7)


def rank(file, chance):
    name = pick(file, chance)
    values = file[name][()]
    shape = values.shape + (1,) * chance.randrange(1, 30) if chance.random() < 0.5 else (values.size,)
    replace(file, name, values.reshape(shape))


def kind(file, chance):
    name = pick(file, chance, ("inputs", "tokens", "targets", "lengths", "offsets", "vocabulary"))
    shape = file[name].shape
    type = chance.choice([
        "f8", "f2", ">f8", "u8", "i1", ">i8", "c8", "S3", "V5", numpy.dtype([("a", "f4"), ("b", "i8")]),
        h5py.string_dtype(), h5py.vlen_dtype("f4"), h5py.enum_dtype({"A": 1, "B": 2}), h5py.ref_dtype,
        h5py.opaque_dtype("M8[s]"), numpy.dtype(("f4", (2,))), "bool"])
    replace(file, name, shape=shape, dtype=type)


def values(file, chance):
    name = pick(file, chance)
    stored = file[name][()]
    if stored.size == 0 or stored.dtype.kind not in "iuf":
        return
    flat = stored.reshape(-1)
    extremes = [numpy.nan, numpy.inf, -numpy.inf, 3e38, 1e-40] if stored.dtype.kind == "f" else \
        [numpy.iinfo(stored.dtype).max, numpy.iinfo(stored.dtype).min, -1, 255, 7, 0]
    for _ in range(chance.randrange(1, 4)):
        value = chance.choice(extremes)
        if stored.dtype.kind == "u" and value < 0:
            value = 9
        flat[chance.randrange(flat.size)] = value
    replace(file, name, flat.reshape(stored.shape))


def indices(file, chance):
    name = pick(file, chance, ("offsets", "lengths"))
    if name is None:
        return
    stored = file[name][()].astype("i8")
    if stored.ndim != 1 or stored.size < 2:
        return
    at = chance.randrange(stored.size)
    stored[at] = chance.choice([-1, 0, 2**31, 2**62, -2**63, 2**63 - 1, stored[at] + 1, stored[at - 1], 10**6])
    if chance.random() < 0.3:
        stored = stored[::-1].copy()
    replace(file, name, stored.astype(chance.choice(["i8", ">i8", "f8", "u8"]), casting="unsafe"))


def greatest_index(file, chance):
    name = pick(file, chance, ("offsets", "lengths"))
    if name is not None:
        file[name][1] = 2**63 - 1


def fewer(file, chance):
    name = pick(file, chance)
    stored = file[name][()]
    if stored.ndim:
        replace(file, name, stored[:chance.randrange(stored.shape[0] + 1)])


def words(file, chance):
    texts = chance.choice([
        ["a", "a"], [], [""] * 7, ["x" * 70000], ["a\0b", "c"], ["é", "e\u0301"], ["\n"] * 2, [str(i) for i in range(300)]])
    if "vocabulary" in file:
        del file["vocabulary"]
    if chance.random() < 0.5:
        file.create_dataset("vocabulary", data=numpy.array([t.encode() for t in texts], dtype="S") if texts else
                            numpy.zeros(0, "S1"))
    else:
        file.create_dataset("vocabulary", (len(texts),), h5py.string_dtype(),
                            data=[t.replace("\0", "") for t in texts] if texts else None)


def echoes(file, chance):
    """A hundred thousand references to one text: 1 GB in a file of 20 KB."""
    text = file.create_dataset("text", (1,), h5py.string_dtype())
    text[0] = "x" * 8000
    file.flush()
    with open(file.filename, "rb") as raw:
        raw.seek(text.id.get_offset())
        reference = raw.read(16)
    count = 2**17
    replace(file, "vocabulary", shape=(count,), dtype=h5py.string_dtype(), chunks=(count,), compression="gzip")
    file["vocabulary"].id.write_direct_chunk((0,), zlib.compress(reference * count, 9))


def bytes_that_are_no_text(file, chance):
    replace(file, "vocabulary", numpy.array([b"\xff\xfe", b"\x80", b"\xc3\x28", b"\x01"], "S2"))


def external_link(file, chance):
    name = pick(file, chance)
    del file[name]
    file[name] = h5py.ExternalLink(chance.choice(["missing.h5", "/etc/passwd", "/dev/zero", "."]), "/train/inputs")


def link_cycle(file, chance):
    name = pick(file, chance)
    del file[name]
    file[name] = h5py.SoftLink("/" + name)
    file["loop"] = h5py.SoftLink("/loop/again")


def group_cycle(file, chance):
    file["train/self"] = file["train"]
    file["train/root"] = file["/"]


def external_storage(file, chance):
    name = pick(file, chance)
    shape, type = file[name].shape, file[name].dtype
    del file[name]
    where = chance.choice(["/dev/zero", "missing.raw", "/etc/passwd"])
    file.create_dataset(name, shape, type, external=[(where, 0, h5py.h5f.UNLIMITED)])


def group_for_dataset(file, chance):
    name = pick(file, chance)
    del file[name]
    file.create_group(name)


def deep(file, chance):
    group = file["train"]
    for _ in range(120):
        group = group.create_group("g")


def attributes(file, chance):
    del_unit = chance.random() < 0.3
    if del_unit and "unit" in file.attrs:
        del file.attrs["unit"]
    else:
        file.attrs["unit"] = chance.choice(["word", "none", 7, numpy.zeros(3), b"\xff\xff", h5py.Empty("f4"), "x" * 9000])


def virtual(file, chance):
    name = pick(file, chance)
    shape, type = file[name].shape, file[name].dtype
    del file[name]
    layout = h5py.VirtualLayout(shape, type)
    layout[...] = h5py.VirtualSource(chance.choice([".", "missing.h5"]), name, shape=shape)
    file.create_virtual_dataset(name, layout)


def missing(file, chance):
    name = chance.choice(datasets(file) + ["train"])
    del file[name]


def classes(file, chance):
    replace(file, "classes", shape=chance.choice([(0,), (2**40,), (), (1,)]), dtype="f4")


LIES = [enormous, enormous_chunk, empty, null, scalar, rank, kind, values, indices, fewer, words,
        bytes_that_are_no_text, external_link, link_cycle, group_cycle, external_storage, group_for_dataset, deep,
        attributes, virtual, missing, classes, echoes, greatest_index, short_chunk,
        short_plain_chunk, long_plain_chunk]


def lie(folder, name, seed, lies, chance, libver=None):
    usual, fill = SEEDS[seed]

    def fill_and_lie(file):
        fill(file)
        for each in lies:
            try:
                each(file, chance)
            except (KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, RuntimeError, OverflowError, MemoryError):
                pass  # an earlier lie left nothing to lie about

    write(folder, name, libver or usual, fill_and_lie)


def aliases(folder):
    """Values that stand for nine to the ninth others: as a value, as a key, and in the metadata of a network."""
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    bomb = f"a0: &a0 [x]\n{levels}"
    (folder / "text-aliases.yaml").write_text(bomb)
    (folder / "text-aliases-as-key.yaml").write_text(f"{bomb}? *a9\n: 1\n")
    header = json.dumps({"__metadata__": {"weft_configuration": bomb}}).encode()
    (folder / "metadata-aliases.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)


def hostile(folder):
    aliases(folder)
    for number, each in enumerate(LIES):
        for seed in ["text", "dense", "ragged"]:
            name = f"{seed}-{each.__name__.replace('_', '-')}"
            if each is not deep:  # too large to be kept
                lie(folder, name, seed, [each], random.Random(f"{number} {seed}"), MIDDLE)


def several(folder, count, seed):
    chance = random.Random(seed)
    for number in range(count):
        start = chance.choice(list(SEEDS))
        lies = chance.sample(LIES, chance.choice([1, 1, 2, 2, 3, 5]))
        # A process of its own: some combinations are too much for the library that writes them. What it leaves is as good
        # a file for this purpose as any.
        if os.fork() == 0:
            signal.alarm(1)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
            try:
                lie(folder, f"{start}-{seed}-{number:05}", start, lies, chance)
            except RuntimeError:
                pass  # the file has grown too large to be closed
            finally:
                os._exit(0)
        os.wait()
        chance = random.Random(f"{seed} {number}")


if __name__ == "__main__":
    task, folder = sys.argv[1], Path(sys.argv[2])
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    if task == "seeds":
        seeds(folder)
    elif task == "hostile":
        hostile(folder)
    elif task == "random":
        several(folder, int(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(__doc__)
