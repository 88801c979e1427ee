"""Pieces of the pages of Markdown."""

import textwrap

CELL_NAMES = {
    "lstm": "LSTM", "gru-reset-after": "GRU, reset after", "gru": "GRU, reset before", "rnn": "RNN, tanh"}
# Below this share of the CPU time, other programs were running.
QUIET_SHARE = 0.9


def prose(text, indent=""):
    return textwrap.wrap(text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def table(headings, rows):
    """A table whose columns are right-aligned, except the first."""
    lines = ["| " + " | ".join(headings) + " |", "| --- |" + " ---: |" * (len(headings) - 1)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def quietness(result):
    # With more threads, Weft's share is lower, because its process starts with one; PyTorch's covers its steps only.
    shares = [row["pytorch_share"] for row in result["rows"]]
    shares += [row["weft_share"] for row in result["rows"] if row["threads"] == 1]
    if shares and min(shares) < QUIET_SHARE:
        return ["", *prose(
            f"> Other programs used the CPUs during this run (a timed process had {100 * min(shares):.0f}% of its CPUs "
            "at minimum): treat its times as preliminary, above all those of 2 threads.", indent="> ")]
    return []
