#!/usr/bin/env python3
"""Builds spoken-text.h5, Spanish as it is spoken for a language model: the phrases of the training recordings, and
proverbs and quotations of the Debian package fortunes-es.

    python3 prepare_text.py                     download the Debian package with apt-get
    python3 prepare_text.py --source FOLDER     use the unpacked package, or the root of a system that has it

Needs spoken-phrases.h5, h5py, and the program `weft`: that of this folder's build, of the variable WEFT, or of the
path.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py

from prepare import FOLDER, debian_packages, find_weft, spoken

PACKAGE = "fortunes-es"
TEXTS = "usr/share/games/fortunes/es"
COPIES = 5      # of the phrases, which are few, and alone are like those to be recognised


def quotations(root):
    """Sentences in letters and spaces. What follows two hyphens is an author."""
    for path in sorted((root / TEXTS).glob("*.fortunes")):
        for quotation in path.read_text(encoding="utf-8").split("\n%\n"):
            text = re.sub(r"\n\s*--.*", "", quotation, flags=re.DOTALL)
            for sentence in re.split(r"[.;:!?…]+", text):
                said = spoken(" ".join(sentence.split()))
                if said and " " in said:
                    yield said


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", type=pathlib.Path, help="the unpacked Debian package")
    options, rest = parser.parse_known_args()
    with h5py.File(FOLDER / "spoken-phrases.h5") as file:
        vocabulary = {token.decode() for token in file["target_vocabulary"][:]}
        phrases = sorted({text.decode() for text in file["train/texts"][:]})
        kept_back = {text.decode() for split in ("validation", "test") for text in file[split]["texts"][:]}
    sentences = quotations(options.source or debian_packages([PACKAGE], FOLDER / "download" / "text"))
    # What is in no recording, such as ç or à, tells nothing; what is to be recognised must not be told.
    lines = [line for line in sentences if set(line) <= vocabulary and line not in kept_back] + COPIES * phrases
    print(f"{len(phrases)} phrases, {len(lines) - COPIES * len(phrases)} sentences, {sum(map(len, lines))} characters")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as text:
        text.write("\n" + "".join(f"{line}\n" for line in lines))
        text.flush()
        result = subprocess.run(
            [find_weft(), "data", "text", text.name, "--unit", "characters", "--overwrite", "--output",
             FOLDER / "spoken-text.h5", *rest])
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
