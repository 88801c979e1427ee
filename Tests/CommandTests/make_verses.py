#!/usr/bin/env python3
"""Writes two small Bibles in the folder named, as modules of SWORD of the kind zText: the index `.bzv` tells block,
place and size of each text, `.bzs` place, compressed and whole size of each block of `.bzz`.

They have all that prepare.py has to see to: headings, footnotes, marks of paragraphs, slips of the markup, words in
capitals, a chapter whose last verse is missing in Spanish, a verse said in two chapters, and a passage of 15 words
shared by two.
"""

import pathlib
import struct
import sys
import zlib

CHAPTERS = 42           # of 3 verses
SHORT = 30              # its last verse begins the next chapter in Spanish
PASSAGE = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"


def english(chapter, verse):
    if verse == 1:
        return (f'<title canonical="true" type="psalm">A <w lemma="x">Psalm</w>.</title><title>Added</title> In the '
                f'<w lemma="strong:H7225">beginning</w> of {chapter} was verse 1, '
                + (r"\nd <w>LORD</w></divineName>." if chapter == 0 else "<divineName>LORD</divineName>."))
    if verse == 2 and chapter in (10, 11, 12):
        return "And the LORD spake."
    if verse == 3 and chapter in (20, 21):
        return f"¶ {PASSAGE} of {chapter}."
    return f"And the verse {verse} of  chapter {chapter} was good.<note place=\"foot\">or, <i>bad</i></note> "


def spanish(chapter, verse):
    if verse == 1:
        return f"EN EL principio de {chapter} fué <w>JEHOVÁ</w>."
    if verse == 3 and chapter == SHORT:
        return ""
    return f"Y el verso {verse} del capítulo {chapter} era bueno, Jehová."


def write(folder, verses):
    folder.mkdir(parents=True)
    half = CHAPTERS // 2
    for testament, book, chapters in (("ot", "Gen", range(half)), ("nt", "Matt", range(half, CHAPTERS))):
        texts = ["", '<milestone type="x-importer"/>', f'<div canonical="true" osisID="{book}" type="book"/>']
        for number, chapter in enumerate(chapters, 1):
            texts.append(f'<chapter n="{number}" osisID="{book}.{number}" sID="{book}.{number}"/>')
            texts += [verses(chapter, verse) for verse in (1, 2, 3)]
        block, index = b"", b""
        for text in texts:
            raw = text.encode()
            index += struct.pack("<IIH", 0, len(block), len(raw))
            block += raw
        packed = zlib.compress(block)
        (folder / f"{testament}.bzz").write_bytes(packed)
        (folder / f"{testament}.bzs").write_bytes(struct.pack("<III", 0, len(packed), len(block)))
        (folder / f"{testament}.bzv").write_bytes(index)


modules = pathlib.Path(sys.argv[1]) / "usr/share/sword/modules/texts/ztext"
write(modules / "engKJV2006eb", english)
write(modules / "spaRV1909eb", spanish)
