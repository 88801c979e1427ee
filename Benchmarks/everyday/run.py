#!/usr/bin/env python3
"""Runs ten everyday tasks in Weft, PyTorch Lightning, Keras and Darts, checks what each reached, and counts lines.

  run.py [--only TASK …] [--with FRAMEWORK …] [--page docs/comparison.md]
  run.py --only --page docs/comparison.md     write the page from what was reached before

What was reached is kept in results.json: tasks that are not run again keep what they had.

Needs the packages of requirements.txt, and `weft` in PATH. A line counts if it is neither blank nor a comment; a
command that goes on in the next line is two lines, and a configuration within a program counts in full. Fine-tuning,
search, resuming and export go on from the classifier: what they import from its program is not counted again.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import checks
from make_data import make

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
FRAMEWORKS = {"weft": "Weft", "lightning": "Lightning", "keras": "Keras", "darts": "Darts"}
TASKS = {
    "text": "train a character model and write text",
    "classify": "classify sequences of a table",
    "onnx": "export the classifier to ONNX and run it",
    "forecast": "forecast a monthly series with intervals",
    "detect": "detect anomalies of a sensor",
    "transcribe": "transcribe recordings (CTC)",
    "translate": "translate, with attention",
    "finetune": "fine-tune the classifier on other classes, with a frozen layer",
    "tune": "search the classifier's hyperparameters by halving",
    "resume": "resume the classifier's training after `kill -9`",
}
CHECKS = {name: getattr(checks, name, checks.classify) for name in TASKS}
# What a program writes when it could resume.
CHECKPOINTS = {"weft": "runs/resumed/checkpoint-*.h5", "lightning": "resumed/last.ckpt", "keras": "resumed/**/*.json"}
# Keras exports with the operators of PyTorch; elsewhere JAX is the fastest of its backends on these networks.
BACKENDS = {"onnx": "torch"}


def program(task, framework):
    suffix = "sh" if framework == "weft" else "py"
    path = FOLDER / f"{task}_{framework}.{suffix}"
    return path if path.exists() else None


def lines(path):
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in path.read_text().splitlines())


def start(path, task, folder, log):
    command = ["bash", "-eu", "-o", "pipefail", path] if path.suffix == ".sh" else [sys.executable, path]
    environment = os.environ | {
        "KERAS_BACKEND": BACKENDS.get(task, "jax"), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def kill_after_checkpoints(process, folder, pattern, count=5):
    """Kills the program and its children when it has written some checkpoints, and says whether it still ran."""
    seen = set()
    while process.poll() is None:
        try:
            seen |= {(path, path.stat().st_mtime_ns) for path in folder.glob(pattern)}
        except FileNotFoundError:
            continue
        # Those of the time before count as one.
        if len({time for _, time in seen}) > count:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        time.sleep(0.005)
    return False


def run(task, framework, folder):
    path = program(task, framework)
    if task != "onnx":  # which is compared with what the classifier predicted
        (folder / "predictions.csv").unlink(missing_ok=True)
    started = time.monotonic()
    log_path = folder / f"{task}.log"
    with log_path.open("w") as log:
        if task == "resume":
            for _ in range(2):
                if not kill_after_checkpoints(start(path, task, folder, log), folder, CHECKPOINTS[framework]):
                    return False, "ended before it could be killed", 0
        status = start(path, task, folder, log).wait()
    if status:
        return False, f"exit status {status}: {log_path.read_text(errors='replace')[-1000:]}", 0
    met, found = CHECKS[task](folder, folder.parent / "raw/truth")
    return met, found, time.monotonic() - started


def record(task, framework, found):
    """Adds to what is kept, which another run may have written meanwhile."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results.setdefault(task, {})[framework] = found
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def table(results):
    names = list(FRAMEWORKS.values())
    text = ["| task | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    sums = dict.fromkeys(FRAMEWORKS, 0)
    for task, title in TASKS.items():
        cells = []
        for framework in FRAMEWORKS:
            path = program(task, framework)
            if path is None:
                cells.append("–")
                continue
            cells.append(f"**{lines(path)}** ({results[task][framework]})")
            sums[framework] += lines(path)
        text.append(f"| {title} | " + " | ".join(cells) + " |")
    shared = " | ".join(f"**{sums[framework]}**" for framework in FRAMEWORKS)
    return "\n".join([*text, f"| all | {shared} |"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=TASKS, default=list(TASKS), metavar="TASK")
    parser.add_argument("--with", dest="frameworks", nargs="*", choices=FRAMEWORKS, default=list(FRAMEWORKS))
    parser.add_argument("--page", type=Path, help="write the table between the marks of this page")
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as root:
        make(Path(root) / "raw")
        for framework in options.frameworks:
            folder = Path(root) / framework
            shutil.copytree(Path(root) / "raw", folder, ignore=shutil.ignore_patterns("truth"))
            for task in options.only:
                if not (path := program(task, framework)):
                    continue
                met, found, seconds = run(task, framework, folder)
                failed |= not met
                if met:
                    record(task, framework, found)
                print(f"{task:11}{framework:10}{lines(path):4} lines{seconds:7.1f} s  {'' if met else 'FAILED '}{found}",
                      flush=True)
    if options.page and not failed:
        written = table(json.loads(RESULTS.read_text()))
        page = options.page.read_text()
        marks = r"(<!-- everyday tasks -->\n).*?(<!-- end -->)"
        options.page.write_text(re.sub(marks, lambda match: f"{match[1]}\n{written}\n\n{match[2]}", page, flags=re.S))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
