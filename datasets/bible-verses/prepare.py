#!/usr/bin/env python3
"""Builds bible-verses.h5: the verses of the Bible in English (King James Version) and Spanish (Reina-Valera 1909).

    python3 prepare.py                     download the Debian packages with apt-get
    python3 prepare.py --source FOLDER     use the unpacked packages, or the root of a system that has them
    python3 prepare.py --unit words        options at the end go to `weft data parallel`

Needs Python 3.9 or later and the program `weft`: that of this folder's build, of the variable WEFT, or of the path.
"""

import argparse
import collections
import pathlib
import re
import struct
import subprocess
import sys
import zlib

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from packages import debian_packages, find_weft  # noqa: E402

PACKAGES = ["sword-text-kjv", "sword-text-sparv"]
MODULES = "usr/share/sword/modules/texts/ztext"
ENGLISH, SPANISH = "engKJV2006eb", "spaRV1909eb"
# Chapters that have runs of so many English words in common tell the same and stay in one split.
SHARED_WORDS = 15


# --- Reading the modules -----------------------------------------------------

def read_entries(module, testament):
    """The texts of a SWORD module of the kind zText, in the order of its index: headings of books and chapters among
    verses. `.bzs` tells where each compressed block is, `.bzv` where each text is in which block."""
    blocks, places, data = ((module / f"{testament}.{kind}").read_bytes() for kind in ("bzs", "bzv", "bzz"))
    texts = [zlib.decompress(data[start:start + size]) for start, size, _ in struct.iter_unpack("<III", blocks)]
    return [texts[block][start:start + size].decode() if size else ""
            for block, start, size in struct.iter_unpack("<IIH", places)]


CHAPTER = re.compile(r'<chapter [^>]*osisID="([^"]+)" sID=')


def read_verses(module):
    """The markup of each verse by its reference, such as Gen.1.1."""
    verses = {}
    for testament in ("ot", "nt"):
        chapter, number = None, 0
        for entry in read_entries(module, testament):
            heading = CHAPTER.search(entry)
            if heading:
                chapter, number = heading.group(1), 0
            elif entry.startswith("<div canonical=") or "x-importer" in entry or chapter is None:
                chapter = None
            else:
                number += 1
                verses[f"{chapter}.{number}"] = entry
    return verses


def plain(markup):
    """The words of a verse: without footnotes, added headings and marks of paragraphs."""
    text = re.sub(r"<note\b.*?</note>|<title(?! canonical)\b.*?</title>", "", markup, flags=re.S)
    text = re.sub(r"<[^>]*>|\\\+?nd\*? ?", "", text.replace("</title>", " ")).replace("¶", " ")
    return re.sub(r"\s+", " ", text).strip()


def without_initials(verses):
    """Chapters in Spanish begin with a word in capitals, `EN el principio`: its letters become small, but for the
    first one where a sentence begins or where the word has a great one elsewhere, as names do."""
    usual = collections.Counter(
        word for text in verses.values() for word in re.findall(r"(?<=[\w,;] )[^\W\d_]+", text) if not word.isupper())

    def lower(match):
        word, before = match.group(), match.string[:match.start()].rstrip("¡¿( ")
        if not word.isupper():
            return word
        begins = not before or before[-1] in ".!?"
        return word.capitalize() if begins or usual[word.capitalize()] > usual[word.lower()] else word.lower()

    return {reference: re.sub(r"[^\W\d_]{2,}", lower, text) if reference.endswith(".1") else text
            for reference, text in verses.items()}


def aligned(english, spanish):
    """The references of verses that both have, without the chapters that Spanish Bibles number otherwise: where the
    last verses of a chapter are missing they begin the next one."""
    chapters = list(dict.fromkeys(reference.rpartition(".")[0] for reference in english))
    short = {reference.rpartition(".")[0] for reference, text in spanish.items() if not text}
    shifted = short | {after for before, after in zip(chapters, chapters[1:]) if before in short}
    return [reference for reference in english
            if english[reference] and reference.rpartition(".")[0] not in shifted]


# --- Keeping apart what says the same ----------------------------------------

def groups(verses):
    """For each chapter the first of all those that it has a passage in common with, however indirectly."""
    leader = {}

    def find(chapter):
        while leader[chapter] != chapter:
            chapter = leader[chapter]
        return chapter

    order, seen = {}, {}
    for reference, text in verses.items():
        chapter = reference.rpartition(".")[0]
        order.setdefault(chapter, len(order))
        leader.setdefault(chapter, chapter)
        words = re.findall(r"[^\W\d_]+", text.lower())
        for start in range(len(words) - SHARED_WORDS + 1):
            run = " ".join(words[start:start + SHARED_WORDS])
            other = seen.setdefault(run, chapter)
            if other is not chapter:
                first, second = sorted((find(other), find(chapter)), key=order.get)
                leader[second] = first
    return {chapter: find(chapter) for chapter in leader}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", type=pathlib.Path, help="the unpacked Debian packages")
    parser.add_argument("--output", type=pathlib.Path, default=FOLDER / "bible-verses.h5")
    options, rest = parser.parse_known_args()

    modules = (options.source or debian_packages(PACKAGES, FOLDER / "download")) / MODULES
    english = {reference: plain(markup) for reference, markup in read_verses(modules / ENGLISH).items()}
    spanish = without_initials(
        {reference: plain(markup) for reference, markup in read_verses(modules / SPANISH).items()})
    if english.keys() != spanish.keys():
        sys.exit("the two modules do not have the same verses")
    references = aligned(english, spanish)
    group = groups({reference: english[reference] for reference in references})
    # Verses that are said again, such as `And the LORD spake unto Moses, saying,`, are taken once.
    first = {english[reference]: reference for reference in reversed(references)}
    lines = [f"{english[verse]}\t{spanish[verse]}\t{group[verse.rpartition('.')[0]]}\n"
             for verse in references if first[english[verse]] == verse]
    sizes = collections.Counter(group.values())
    print(f"{len(lines)} verses of {len(group)} chapters in {len(sizes)} groups, the largest of "
          f"{sizes.most_common(1)[0][1]} chapters; left out {len(english) - len(references)} verses numbered otherwise "
          f"and {len(references) - len(lines)} that are said again")

    pairs = options.output.with_suffix(".tsv")
    pairs.write_text("".join(lines), encoding="utf-8")
    result = subprocess.run(
        [find_weft(), "data", "parallel", pairs, "--unit", "subwords", "--vocabulary-size", "4000",
         "--maximum-length", "60", "--split", "0.9,0.05,0.05", "--overwrite", "--output", options.output, *rest])
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
