"""Makes the fixture files beside this script: python3 make_fixtures.py

Needs h5py (made with 3.16 on HDF5 2.0). Both files hold the same, in the oldest and in a newer version of the format.
"""

import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parent
TEXTS = ["", "plain", "naïve Ünïcödé 🧵", "two words "]


def fixed_string(size, padding, character_set):
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(padding)
    kind.set_cset(character_set)
    return kind


def write_raw(group, name, kind, array):
    space = h5py.h5s.create_simple(array.shape)
    dataset = h5py.h5d.create(group.id, name.encode(), kind, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, array, mtype=kind)


def numbers(file):
    group = file.create_group("numbers")
    for code in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
        values = [0, 1, 2, 100] if code[0] == "u" else [0, 1, -2, 100]
        for order, name in [("<", "little"), (">", "big")]:
            group.create_dataset(f"{code}_{name}", data=np.array(values, dtype=order + code))
    group.create_dataset("halves", data=np.array([1.5, -0.25, 65504, 6e-8, np.inf, np.nan], dtype="f2"))


def storage(file):
    group = file.create_group("storage")
    data = (np.arange(600) % 97).reshape(20, 30).astype("f4")
    group.create_dataset("contiguous", data=data)
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(data.shape)
    compact = h5py.h5d.create(group.id, b"compact", h5py.h5t.IEEE_F32LE, space, properties)
    compact.write(h5py.h5s.ALL, h5py.h5s.ALL, data)
    chunked = dict(data=data, chunks=(7, 8))
    group.create_dataset("chunked", **chunked)
    group.create_dataset("gzip", compression="gzip", compression_opts=4, **chunked)
    group.create_dataset(
        "gzip_shuffle_fletcher32", compression="gzip", compression_opts=9, shuffle=True, fletcher32=True, **chunked)
    group.create_dataset("fletcher32", fletcher32=True, **chunked)
    group.create_dataset("lzf", compression="lzf", **chunked)
    group.create_dataset("lzf_shuffle", compression="lzf", shuffle=True, maxshape=(None, 30), **chunked)
    group.create_dataset("scaleoffset", data=data.astype("i4"), chunks=(7, 8), scaleoffset=7)
    # Without limit: the index of a fixed shape would have room for every chunk.
    endless = dict(chunks=(64, 64), maxshape=(None, None))
    sparse = group.create_dataset("sparse", shape=(1 << 20, 1 << 20), dtype="i2", fillvalue=-1, **endless)
    sparse[1000, 1000:1003] = [1, 2, 3]
    group.create_dataset("enormous", shape=(1 << 32, 1 << 32), dtype="f8", **endless)


def strings(file):
    group = file.create_group("strings")
    group.create_dataset("variable", data=TEXTS, dtype=h5py.string_dtype("utf-8"))
    group.create_dataset("variable_ascii", data=[b"one", b"two"], dtype=h5py.string_dtype("ascii"))
    group.create_dataset("variable_chunked", data=TEXTS, dtype=h5py.string_dtype(), chunks=(2,), compression="gzip")
    group.create_dataset("numpy", data=np.array([b"", b"abc", b"abcdef"]))
    group.create_dataset("scalar", data="alone")
    encoded = np.array([b"", b"abc", b"abcde"], dtype="S6")
    ascii_set, utf8_set = h5py.h5t.CSET_ASCII, h5py.h5t.CSET_UTF8
    write_raw(group, "null_terminated", fixed_string(6, h5py.h5t.STR_NULLTERM, ascii_set), encoded)
    write_raw(group, "null_padded", fixed_string(6, h5py.h5t.STR_NULLPAD, utf8_set), encoded)
    padded = np.array([b"      ", b"abc   ", b"a b de"], dtype="S6")
    write_raw(group, "space_padded", fixed_string(6, h5py.h5t.STR_SPACEPAD, ascii_set), padded)


def special(file):
    group = file.create_group("special")
    group.create_dataset("bool", data=np.array([True, False, True]))
    colors = h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 42}, basetype=">i2")
    group.create_dataset("enum", data=np.array([42, 0, 1], dtype=">i2"), dtype=colors)
    pair = np.dtype([("x", "<f4"), ("id", ">i8"), ("name", "S4")])
    group.create_dataset("compound", data=np.array([(1.5, 2, b"ab"), (2.5, 3, b"cd")], dtype=pair))
    group.create_dataset("array", data=np.zeros(2, dtype=np.dtype(("<i2", (2, 3)))).reshape(2, 2, 3))
    rows = group.create_dataset("array_type", shape=(2,), dtype=np.dtype(("<i2", (2, 3))))
    rows[0] = [[1, 2, 3], [4, 5, 6]]
    ragged = group.create_dataset("sequence", shape=(2,), dtype=h5py.vlen_dtype("<i4"))
    ragged[0], ragged[1] = [1, 2, 3], [4]
    group.create_dataset("opaque", data=np.array([b"\x00\x01"], dtype="V2"))
    references = group.create_dataset("reference", shape=(1,), dtype=h5py.ref_dtype)
    references[0] = file["numbers"].ref
    group.create_dataset("empty", data=h5py.Empty("f4"))
    group.create_dataset("no_rows", shape=(0, 3), maxshape=(None, 3), dtype="f4")
    group.create_dataset("scalar", data=np.int32(7))
    file["named_type"] = pair


def links(file):
    group = file.create_group("links/inner/deep")
    file["links/soft"] = h5py.SoftLink("/numbers/f4_little")
    file["links/dangling"] = h5py.SoftLink("/nowhere")
    file["links/circle"] = h5py.SoftLink("/links/circle")
    file["links/external"] = h5py.ExternalLink("other.h5", "/there")
    file["links/hard"] = file["numbers/f4_little"]
    group["back"] = file["links"]
    group["root"] = file["/"]


def attributes(file):
    file.attrs["title"] = "Fixture"
    file.attrs["version"] = 3
    target = file["numbers/f4_little"].attrs
    target["float"] = np.float32(0.1)
    target["big"] = np.array([1, 2, 3], dtype=">i4")
    target["texts"] = TEXTS
    target["bytes"] = np.bytes_("fixed")
    target["flag"] = True
    target["matrix"] = np.arange(12.0).reshape(3, 4)
    target["empty"] = h5py.Empty("f8")
    target["compound"] = np.array((1.5, 2), dtype=[("x", "<f4"), ("id", "<i8")])
    file["numbers"].attrs["half"] = np.float16(0.5)
    for name, label in zip(range(2), ["row", "column"]):
        file["storage/chunked"].dims[name].label = label


for name, version in [("earliest.h5", ("earliest", "v108")), ("v110.h5", ("v110", "v110"))]:
    with h5py.File(FOLDER / name, "w", libver=version) as file:
        for part in [numbers, storage, strings, special, links, attributes]:
            part(file)
