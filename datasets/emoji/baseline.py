#!/usr/bin/env python3
"""A yardstick without learning, and a trained model beside it: names of held-out emoji.

    python3 baseline.py               the name of the nearest training picture: least squared difference of pixels
    python3 baseline.py runs/emoji    and what `weft caption` writes

BLEU-4 is sacreBLEU's; word accuracy is 1 − (insertions, deletions and substitutions) / words, by jiwer, with
punctuation apart. Names that no training picture has the words of count in full.

Needs numpy, h5py, sacrebleu and jiwer.
"""

import argparse
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from packages import find_weft  # noqa: E402


def read(split):
    """Pictures [count, rows, columns, 3] and their names."""
    with h5py.File(FOLDER / "emoji.h5") as file:
        return file[split]["pixels"][:], [text.decode() for text in file[split]["texts"][:]]


def nearest(pictures, known):
    """For each picture the place of the nearest known one."""
    known = known.reshape(len(known), -1).astype(np.float32)
    return [((known - picture.ravel()) ** 2).sum(1).argmin() for picture in pictures]


def png(pixels):
    """The bytes of a PNG file of pixels [rows, columns, 3]."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows, columns, _ = pixels.shape
    # No row refers to another: filter 0.
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


def captions(run, pictures, *arguments):
    """What a model writes for pictures of the size that it was trained on."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / f"{number}.png" for number in range(len(pictures))]
        for path, picture in zip(paths, pictures):
            path.write_bytes(png(picture))
        lines = subprocess.run(
            [find_weft(), "caption", run, *paths, *arguments], stdout=subprocess.PIPE, encoding="utf-8",
            check=True).stdout.splitlines()
    return [line.partition(": ")[2] for line in lines]


def report(name, truths, texts):
    import jiwer
    import sacrebleu

    def words(lines):
        return [" ".join(sacrebleu.tokenizers.tokenizer_13a.Tokenizer13a()(line)) for line in lines]

    bleu = sacrebleu.corpus_bleu(texts, [truths])
    accuracy = 1 - jiwer.wer(words(truths), words(texts))
    right = sum(truth == text for truth, text in zip(truths, texts))
    print(f"{name:16} BLEU-4 {bleu.score:5.2f}  word accuracy {100 * accuracy:6.2f} %  {right} of {len(truths)} right")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", help="a run of train.yaml")
    parser.add_argument("--split", default="test")
    options, rest = parser.parse_known_args()
    known, names = read("train")
    pictures, truths = read(options.split)
    report("nearest picture", truths, [names[place] for place in nearest(pictures, known)])
    if options.run:
        report("weft caption", truths, captions(options.run, pictures, *rest))


if __name__ == "__main__":
    main()
