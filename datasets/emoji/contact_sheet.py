#!/usr/bin/env python3
"""Draws held-out emoji with their names and what a model writes, as an SVG for light and dark pages.

    python3 contact_sheet.py runs/emoji captions.svg

One picture of each of some families, drawn by a fixed seed; not chosen by how well they are named.
Needs numpy and h5py.
"""

import argparse
import base64
import html
import pathlib
import random

from baseline import captions, png, read
from prepare import family

COLUMNS, ROWS, WIDTH, HEIGHT, PICTURE = 5, 6, 184, 132, 64
LETTERS = 26    # of a line
STYLE = """\
:root{--page:#fff;--ink:#1f2328;--soft:#59636e;--blue:#0969da}\
@media(prefers-color-scheme:dark){:root{--page:#0d1117;--ink:#f0f6fc;--soft:#9198a1;--blue:#4493f8}}\
text{font:11px system-ui,sans-serif;text-anchor:middle}.page{fill:var(--page)}.true{fill:var(--soft)}\
.written{fill:var(--ink);font-weight:600}.right{fill:var(--blue);font-weight:600}\
image{image-rendering:pixelated}"""


def short(text):
    return text if len(text) <= LETTERS else text[:LETTERS - 1] + "…"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    pictures, names = read("test")
    places = list(range(len(names)))
    random.Random(options.seed).shuffle(places)
    one_each = {family(names[place]): place for place in reversed(places)}
    chosen = sorted(one_each.values(), key=places.index)[:COLUMNS * ROWS]
    written = captions(options.run, pictures[chosen])

    width, height = COLUMNS * WIDTH, ROWS * HEIGHT + 8
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
             'aria-labelledby="title">', '<title id="title">Held-out emoji: their names, and what the model writes'
             '</title>', f"<style>{STYLE}</style>", f'<rect class="page" width="{width}" height="{height}"/>']
    for number, (place, caption) in enumerate(zip(chosen, written)):
        x, y = WIDTH * (number % COLUMNS) + WIDTH / 2, HEIGHT * (number // COLUMNS) + 8
        data = base64.b64encode(png(pictures[place])).decode()
        parts += [
            f'<rect x="{x - PICTURE / 2 - 4:g}" y="{y:g}" width="{PICTURE + 8}" height="{PICTURE + 8}" rx="6" '
            'fill="#fff"/>',
            f'<image x="{x - PICTURE / 2:g}" y="{y + 4:g}" width="{PICTURE}" height="{PICTURE}" '
            f'href="data:image/png;base64,{data}"/>',
            f'<text class="true" x="{x:g}" y="{y + PICTURE + 24:g}">{html.escape(short(names[place]))}</text>',
            f'<text class="{"right" if caption == names[place] else "written"}" x="{x:g}" '
            f'y="{y + PICTURE + 40:g}">{html.escape(short(caption))}</text>']
    options.output.write_text("\n".join([*parts, "</svg>\n"]), encoding="utf-8")


if __name__ == "__main__":
    main()
