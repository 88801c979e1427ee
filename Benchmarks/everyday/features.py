#!/usr/bin/env python3
"""Tries the features of a workflow in each framework, and writes a table of what each needs.

  features.py [--with FRAMEWORK …] [--page docs/comparison.md]

What was found is kept in features.json: frameworks that are not tried again keep what they had.

Each row is a function of features_FRAMEWORK.py, or a part of features_weft.sh, that runs and checks itself; its lines
are counted. "Built in" is an option or a call that exists for this; "a few lines" and "own code" (more than ten) use
the general means of the framework. That a framework lacks something is also tried, where it can be.
"""

import argparse
import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from make_data import make

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "features.json"
FRAMEWORKS = {"weft": "Weft", "lightning": "Lightning", "keras": "Keras", "darts": "Darts"}
ROWS = {
    "predict": "predictions with probabilities, to a CSV file",
    "score": "log-probability of each line of a text",
    "ragged": "sequences of any length, without computing padding",
    "classes": "fine-tuning with other classes, known ones taken by name",
    "freeze": "frozen layers",
    "rates": "learning rates by layer",
    "class_weights": "class weights, balanced",
    "focal": "focal loss",
    "weights": "weights of single sequences",
    "search": "search with successive halving",
    "search_resume": "a search that goes on after a kill",
    "bits": "resuming with the bits of a run that never stopped",
    "threads": "the same bits with 1, 2 and 3 threads",
    "best": "the best checkpoint kept, early stopping",
    "step": "inference step by step, with states kept",
    "saved_states": "states saved between programs",
    "quantiles": "quantile forecasts",
    "backtest": "backtesting of forecasts: windows, scores",
    "larger": "data larger than memory, shuffled",
    "bfloat16": "bfloat16",
    "onnx": "export to ONNX",
    "report": "a page of curves, configuration and results",
    "layers": "layers and losses of one's own, by a few lines of Python",
}
FUNCTIONS = {}


def feature(row, kind=""):
    """Registers the trial of a row: what is "built in", what the framework has not ("no"), or what a user writes."""
    assert row in ROWS and kind in ("", "built in", "no"), row

    def register(function):
        FUNCTIONS[row] = (kind, function)
        return function

    return register


def count(source):
    return sum(bool(line.strip()) and not re.match(r"\s*(#|assert |print\()", line) for line in source.splitlines())


def cell(kind, lines):
    if kind == "no":
        return "–"
    return f"{kind or ('a few lines' if lines <= 10 else 'own code')} ({lines})"


def python_trials(framework):
    """Runs in a process of its own: the registered functions, and those rows that the framework has not."""
    module = importlib.import_module(f"features_{framework}")
    found = {row: cell("no", 0) for row in getattr(module, "ABSENT", ())}
    for row, (kind, function) in FUNCTIONS.items():
        function()
        body = inspect.getsource(function).split(":\n", 1)[1]
        found[row] = cell(kind, count(body))
        print(f"= {row}\t{found[row]}", flush=True)
    for row in getattr(module, "ABSENT", ()):
        print(f"= {row}\t{found[row]}", flush=True)


def weft_trials():
    script = FOLDER / "features_weft.sh"
    with open("trials.log", "w") as log:
        subprocess.run(["bash", "-eu", "-o", "pipefail", script], check=True, stdout=log, stderr=log)
    for row, kind, body in re.findall(r"^#= (\w+) \| (.*)\n((?:(?!#=).*\n?)*)", script.read_text(), flags=re.M):
        assert row in ROWS, row
        print(f"= {row}\t{cell(kind, count(re.sub(r'^same .*', '', body, flags=re.M)))}", flush=True)


def trials(framework, folder):
    environment = os.environ | {"KERAS_BACKEND": "jax", "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    result = subprocess.run(
        [sys.executable, FOLDER / "features.py", "--trial", framework], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE)
    print(result.stdout if result.returncode else "", end="")
    found = dict(re.findall(r"^= (\w+)\t(.*)$", result.stdout, flags=re.M))
    return result.returncode == 0, found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--with", dest="frameworks", nargs="*", choices=FRAMEWORKS, default=list(FRAMEWORKS))
    parser.add_argument("--page", type=Path, help="write the table between the marks of this page")
    parser.add_argument("--trial", choices=FRAMEWORKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.trial:
        return weft_trials() if options.trial == "weft" else python_trials(options.trial)
    failed = False
    with tempfile.TemporaryDirectory() as root:
        make(Path(root) / "raw")
        for framework in options.frameworks:
            folder = Path(root) / framework
            shutil.copytree(Path(root) / "raw", folder)
            succeeded, rows = trials(framework, folder)
            failed |= not succeeded
            if succeeded:
                found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
                found[framework] = rows
                RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    if options.page and not failed:
        found = json.loads(RESULTS.read_text())
        lines = ["| | " + " | ".join(FRAMEWORKS.values()) + " |", "| --- " * (len(FRAMEWORKS) + 1) + "|"]
        for row, title in ROWS.items():
            lines.append("| " + " | ".join([title, *(found[framework][row] for framework in FRAMEWORKS)]) + " |")
        table = "\n".join(lines)
        marks = r"(<!-- features -->\n).*?(\n?<!-- end -->)"
        text = options.page.read_text()
        options.page.write_text(
            re.sub(marks, lambda match: f"{match[1]}\n{table}\n\n<!-- end -->", text, count=1, flags=re.S))
    return 1 if failed else 0


if __name__ == "__main__":
    # The modules of the trials register with this module, not with a second copy of it.
    sys.modules["features"] = sys.modules["__main__"]
    sys.exit(main())
