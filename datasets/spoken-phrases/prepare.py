#!/usr/bin/env python3
"""Builds spoken-phrases.h5: phrases that people spoke for the drawing program Tux Paint, with what they said.

    python3 prepare.py                     download the Debian package with apt-get
    python3 prepare.py --source FOLDER     use the unpacked package, or the root of a system that has it
    python3 prepare.py --language fr       another language: ca, fr, ru, bg, ro, …
    python3 prepare.py --mels 64           options at the end go to `weft data audio`

Needs Python 3.9 or later and the program `weft`: that of this folder's build, of the variable WEFT, or of the path.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import unicodedata

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from packages import debian_packages, find_weft  # noqa: E402

PACKAGE = "tuxpaint-stamps-default"
STAMPS = "usr/share/tuxpaint/stamps"


def phrase(text_file, language):
    """What is said, as the stamp's text file has it; None if it is not translated."""
    for line in text_file.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{language}.utf8="):
            return line.partition("=")[2].strip()
    return None


def spoken(text):
    """Letters and spaces alone, in lower case; None for a phrase with digits or symbols, whose words the text does
    not tell."""
    text = unicodedata.normalize("NFC", text).lower()
    kept = []
    for character in text:
        kind = unicodedata.category(character)
        if kind[0] in "LM" and character not in "ªº":
            kept.append(character)
        elif kind[0] in "PZ" or character in "´`":
            # An apostrophe belongs to a word.
            kept.append("'" if character in "'’" else " ")
        else:
            return None
    return re.sub(r" +", " ", "".join(kept)).strip() or None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", type=pathlib.Path, help="the unpacked Debian package")
    parser.add_argument("--language", default="es", help="a language that the package has recordings of")
    parser.add_argument("--output", type=pathlib.Path, default=FOLDER / "spoken-phrases.h5")
    options, rest = parser.parse_known_args()

    stamps = (options.source or debian_packages([PACKAGE], FOLDER / "download")) / STAMPS
    if not stamps.is_dir():
        sys.exit(f"{stamps}: no such folder; is --source the unpacked package {PACKAGE}?")
    ending = f"_desc_{options.language}.ogg"
    lines, without_text, unspoken, repeated, seen = [], 0, 0, 0, set()
    for sound in sorted(stamps.rglob(f"*{ending}")):
        text_file = sound.with_name(sound.name[: -len(ending)] + ".txt")
        written = phrase(text_file, options.language) if text_file.exists() else None
        said = written and spoken(written)
        # Pictures of like things share a recording, now and then under two texts.
        recording = sound.read_bytes()
        if said and recording in seen:
            repeated += 1
        elif said:
            seen.add(recording)
            lines.append(f"{os.path.relpath(sound, options.output.resolve().parent)}\t{said}\n")
        elif written:
            unspoken += 1
        else:
            without_text += 1
    if not lines:
        sys.exit(f"{stamps}: no recordings *{ending} with a text")
    print(f"{len(lines)} recordings; left out {repeated} that are the same as others, {unspoken} whose text has digits "
          f"or symbols, {without_text} without text")

    manifest = options.output.with_suffix(".tsv")
    manifest.write_text("".join(lines), encoding="utf-8")
    # A phrase that was recorded twice is in one split: `weft data audio` keeps equal transcripts together.
    result = subprocess.run(
        [find_weft(), "data", "audio", manifest, "--rate", "16000", "--window", "25", "--hop", "20",
         "--mels", "40", "--pre-emphasis", "0.97", "--low", "20", "--speeds", "0.9,1,1.1", "--split", "0.8,0.1,0.1",
         "--overwrite", "--output", options.output, *rest])
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
