#!/usr/bin/env python3
"""Character error rates on the test recordings: of guesses without learning, and of a trained model.

    python3 measure.py                                            the guesses alone
    python3 measure.py runs/phrases                               greedy and beam search
    python3 measure.py runs/phrases --language runs/phrases-text  with a language model too

The guesses: nothing at all; the training phrase that is nearest to all others, whatever is said; the phrase of the
training recording whose spectrum, stretched to the same length, is nearest.

Needs numpy, h5py and jiwer.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import h5py
import jiwer
import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from packages import find_weft  # noqa: E402

FRAMES = 24     # that spectra are stretched to


def read(group):
    texts = [text.decode() for text in group["texts"][:]]
    offsets = group["offsets"][:]
    values = group["inputs"][:]
    places = [np.linspace(start, end - 1, FRAMES).round().astype(int) for start, end in zip(offsets, offsets[1:])]
    return texts, np.stack([values[place].ravel() for place in places])


def report(name, truths, texts):
    characters, words = jiwer.cer(truths, texts), jiwer.wer(truths, texts)
    right = sum(truth == text for truth, text in zip(truths, texts))
    print(f"{name:38} characters {100 * characters:6.2f} %  words {100 * words:6.2f} %  "
          f"{right} of {len(truths)} right", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", help="a run of train.yaml")
    parser.add_argument("--language", help="a run of language.yaml")
    parser.add_argument("--weight", default="0.4", help="of the language model (default 0.4)")
    parser.add_argument("--bonus", default="0.6", help="for each character, with the language model (default 0.6)")
    parser.add_argument("--split", default="test")
    options = parser.parse_args()

    path = FOLDER / "spoken-phrases.h5"
    with h5py.File(path) as file:
        known, known_spectra = read(file["train"])
        truths, spectra = read(file[options.split])
        files = [str((path.parent / name.decode()).resolve()) for name in file[options.split]["files"][:]]

    report("nothing", truths, [""] * len(truths))
    phrases = sorted(set(known))
    middle = phrases[cdist(phrases, phrases, scorer=Levenshtein.distance).sum(0).argmin()]
    report(f"always '{middle}'", truths, [middle] * len(truths))
    nearest = [((known_spectra - spectrum) ** 2).sum(1).argmin() for spectrum in spectra]
    report("nearest recording", truths, [known[place] for place in nearest])
    if not options.run:
        return

    def transcribe(name, *arguments):
        lines = subprocess.run(
            [find_weft(), "transcribe", options.run, *files, "--json", *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, encoding="utf-8", check=True).stdout.splitlines()
        report(name, truths, [json.loads(line)["text"] for line in lines])

    transcribe("greedy", "--beam", "1")
    transcribe("beam of 32", "--beam", "32")
    if options.language:
        transcribe("beam of 32, language model", "--beam", "32", "--language-model", options.language,
                   "--language-weight", options.weight, "--insertion-bonus", options.bonus)


if __name__ == "__main__":
    main()
