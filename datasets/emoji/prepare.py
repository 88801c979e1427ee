#!/usr/bin/env python3
"""Builds emoji.h5: the pictures of the font Noto Color Emoji with their English names.

    python3 prepare.py                     download the Debian packages with apt-get
    python3 prepare.py --source FOLDER     use the unpacked packages, or the root of a system that has them
    python3 prepare.py --size 64x64        options at the end go to `weft data images`

Needs Python 3.9 or later, `pip install fonttools uharfbuzz`, and the program `weft`: that of this folder's build, of
the variable WEFT, or of the path.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from packages import debian_packages, find_weft  # noqa: E402

PACKAGES = ["fonts-noto-color-emoji", "unicode-cldr-core"]
FONT = "usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
NAMES = "usr/share/unicode/cldr/common"
# Variants whose names do not show it.
SAME = {
    "boy": "child", "girl": "child", "old": "older", "prince": "with crown", "princess": "with crown",
    "mrs claus": "santa claus", "mx claus": "santa claus", "mermaid": "merperson", "merman": "merperson",
}


def read_names(root):
    """The short English name of every sequence of characters that has one."""
    names = {}
    for part in ("annotations", "annotationsDerived"):
        tree = xml.etree.ElementTree.parse(root / NAMES / part / "en.xml")
        for annotation in tree.iter("annotation"):
            if annotation.get("type") == "tts":
                names[annotation.get("cp")] = annotation.text.strip()
    return names


def family(name):
    """What variants of one emoji share: a name without skin tone, hair, and man, woman or person. Flags, which also
    stand before a colon, are each their own."""
    kind, _, _ = name.lower().partition(":")
    if kind == "flag":
        return name.lower()
    words = re.findall(r"[^\W_]+", kind)
    people = {"man", "woman", "person", "men", "women", "people", "and"}
    rest = " ".join(word for word in words if word not in people) or "person"
    return SAME.get(rest, rest)


def pictures(font_path, sequences):
    """Yields each sequence that the font shows as one picture, with the bytes of its PNG."""
    import fontTools.ttLib
    import uharfbuzz

    font = fontTools.ttLib.TTFont(font_path)
    bitmaps = font["CBDT"].strikeData[0]
    order = font.getGlyphOrder()
    shaper = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font_path))))
    for sequence in sequences:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(sequence)
        buffer.guess_segment_properties()
        uharfbuzz.shape(shaper, buffer)
        glyphs = [order[info.codepoint] for info in buffer.glyph_infos]
        shown = [glyph for glyph in glyphs if glyph in bitmaps]
        if len(glyphs) == 1 and shown:
            yield sequence, bitmaps[shown[0]].imageData


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", type=pathlib.Path, help="the unpacked Debian packages")
    parser.add_argument("--output", type=pathlib.Path, default=FOLDER / "emoji.h5")
    options, rest = parser.parse_known_args()

    root = options.source or debian_packages(PACKAGES, FOLDER / "download")
    names = read_names(root)
    folder = options.output.with_suffix(".pictures")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines, seen = [], set()
    for sequence, image in pictures(root / FONT, sorted(names)):
        if image in seen:
            continue
        seen.add(image)
        path = folder / ("-".join(f"{ord(character):x}" for character in sequence) + ".png")
        path.write_bytes(image)
        name = names[sequence].lower()
        lines.append(f"{folder.name}/{path.name}\t{name}\t{family(name)}\n")
    families = {line.rstrip("\n").rpartition("\t")[2] for line in lines}
    print(f"{len(lines)} pictures in {len(families)} families; {len(names) - len(lines)} names have none of their own")

    manifest = options.output.with_suffix(".tsv")
    manifest.write_text("".join(lines), encoding="utf-8")
    result = subprocess.run(
        [find_weft(), "data", "images", manifest, "--size", "32x32", "--patch", "8", "--unit", "words",
         "--minimum-count", "1", "--split", "0.8,0.1,0.1", "--overwrite", "--output", options.output, *rest])
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
