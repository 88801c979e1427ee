#!/usr/bin/env python3
"""Runs the comparisons with Weft's peers, and writes the result as JSON, three pages and a figure.

  run_all.py                                  everything, into Benchmarks/results/
  run_all.py --quick                          a few minutes, fewer shapes and rounds
  run_all.py --check-goals                    also print each goal, and exit with 1 if one is missed
  run_all.py --from FILE --markdown docs/benchmarks.md --notes docs/notes --images docs/images
                                              pages and figure of an earlier result
"""

import argparse
import json
import os
import sys
from pathlib import Path

import character_model
import data
import details
import generation
import goals
import large_dataset
import layers
import long_sequences
import machine
import page
import shapes
import tables
from processes import REPOSITORY, WEFT

PARTS = ("layers", "bfloat16", "character_model", "generation", "long_sequences", "data", "large_dataset")
RESULTS = REPOSITORY / "Benchmarks/results"


def measure(parts, quick, odd):
    result = {"machine": machine.describe(), "quick": quick}
    for part in parts:
        print(f"== {part}", flush=True)
        if part == "layers":
            shape_list = shapes.QUICK if quick else shapes.GRID + (shapes.ODD if odd else ())
            print(layers.HEADER)
            result[part] = layers.measure(
                shape_list, rounds=1 if quick else 3, seconds=0.3 if quick else 0.5,
                report=lambda row: print(layers.text(row), flush=True))
            print(layers.summary(result[part]))
        elif part == "bfloat16":
            print(layers.BFLOAT16_HEADER)
            result[part] = layers.measure_bfloat16(
                shapes.QUICK if quick else shapes.GRID, rounds=1 if quick else 3, seconds=0.3 if quick else 0.5,
                report=lambda row: print(layers.bfloat16_text(row), flush=True))
            print(layers.bfloat16_summary(result[part]))
            print(character_model.HEADER)
            result[part]["character_model"] = character_model.measure(
                threads=(2,) if quick else (1, 2), rounds=1 if quick else 3, steps=3 if quick else 8,
                precision="bfloat16", report=lambda row: print(character_model.text(row), flush=True))
        elif part == "character_model":
            print(character_model.HEADER)
            result[part] = character_model.measure(
                threads=(2,) if quick else (1, 2), rounds=1 if quick else 3, steps=3 if quick else 8,
                report=lambda row: print(character_model.text(row), flush=True))
        elif part == "generation":
            result[part] = generation.measure(rounds=1 if quick else 3, seconds=0.3 if quick else 1)
            print(generation.text(result[part]))
        elif part == "data":
            print(data.HEADER)
            result[part] = data.measure(
                rounds=3 if quick else 5, report=lambda row: print(data.text(row), flush=True))
        elif part == "large_dataset":
            result[part] = large_dataset.measure(gigabytes=2 if quick else 12)
            print(large_dataset.text(result[part]))
        else:
            result[part] = long_sequences.measure(
                length=20_000 if quick else 100_000, rounds=1 if quick else 2)
            print(long_sequences.text(result[part]))
    return result


def write(result, markdown, notes, images):
    """Writes the pages, and the figure if layers were measured. Links are relative to the page."""
    image = None
    if "layers" in result:
        import picture

        images.mkdir(parents=True, exist_ok=True)
        picture.draw(result["layers"], [images / "benchmarks.svg", images / "benchmarks.png"])
        image = os.path.relpath(images / "benchmarks.svg", markdown.parent)
    for folder in (markdown.parent, notes):
        folder.mkdir(parents=True, exist_ok=True)
    details_page, goals_page = notes / "benchmark-details.md", notes / "benchmark-goals.md"
    back = os.path.relpath(markdown, notes)
    links = [os.path.relpath(path, markdown.parent) for path in (details_page, goals_page)]
    markdown.write_text(page.markdown(result, image, *links))
    details_page.write_text(details.markdown(result, back))
    goals_page.write_text(page.goals_markdown(goals.check(result), back))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--odd", action="store_true", help="further shapes besides the grid")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--from", dest="earlier", type=Path, metavar="FILE", help="do not measure: read this JSON")
    parser.add_argument("--json", type=Path, default=RESULTS / "benchmarks.json")
    parser.add_argument("--markdown", type=Path, default=RESULTS / "benchmarks.md")
    parser.add_argument(
        "--notes", type=Path, default=RESULTS, metavar="FOLDER", help="folder of the pages of details and of goals")
    parser.add_argument("--images", type=Path, default=RESULTS / "images", metavar="FOLDER")
    parser.add_argument("--check-goals", action="store_true")
    options = parser.parse_args()

    if options.earlier:
        result = json.loads(options.earlier.read_text())
    else:
        if not WEFT.exists():
            parser.error("no release build of Weft: run 'swift build -c release' first, or set WEFT")
        result = measure(options.only, options.quick, options.odd)
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(result, indent=1))
    write(result, options.markdown, options.notes, options.images)
    if options.check_goals:
        found = goals.check(result)
        print(*(tables.quietness(result["layers"]) if "layers" in result else []), sep="\n")
        for goal in found:
            print(goal)
        return 1 if any(goal.met is False for goal in found) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
