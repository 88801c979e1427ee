"""A small run, what its undisturbed end is, and the processes of its ranks."""

import hashlib
import os
import re
import subprocess
import time

CONFIGURATION = """\
data: {file: text.h5, window: 5}
model: {cell: gru, hidden: 8, embedding: 4, dropout: 0.1}
training:
  {batch: 8, lanes: 8, steps: 150, carry_state: true, evaluate_every: 50, checkpoint_every: 10, log_every: 1, keep: 3}
"""
TIMED = re.compile(r"times\.jsonl|events\.out\.tfevents\.")


class Failure(Exception):
    """What differs from what is promised."""


class SmallRun:
    """A folder with a configuration and its data, in which runs are compared with undisturbed ones."""

    def __init__(self, program, folder):
        self.program, self.folder = os.path.abspath(program), folder
        self.ends = {}
        with open(self.path("config.yaml"), "w") as file:
            file.write(CONFIGURATION)
        with open(self.path("text.txt"), "w") as file:
            file.write("".join("abcdefg \n"[i * i // 3 % 9] for i in range(1200)))
        self.weft("data", "text", "text.txt", "--split", "0.7,0.2,0.1", "--output", "text.h5")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def weft(self, *arguments):
        """The lines of a single process that succeeds."""
        result = subprocess.run(
            [self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=600)
        check(result.returncode == 0, f"weft {arguments[0]}: status {result.returncode}: {result.stderr[-400:]}")
        return result.stdout

    def expect_undisturbed(self, name, steps=150):
        """Compares all files of a run, except those with times, with those of a single undisturbed process."""
        if steps not in self.ends:
            whole = f"undisturbed-{steps}"
            self.weft(
                "train", "config.yaml", "--output", whole, "--threads", "1", "--set", f"training.steps={steps}")
            self.ends[steps] = digests(self.path(whole))
        end, expected = digests(self.path(name)), self.ends[steps]
        wrong = sorted(file for file in end.keys() | expected.keys() if end.get(file) != expected.get(file))
        check(not wrong, f"{name} differs from an undisturbed run in {', '.join(wrong)}")

    def step(self, name):
        """The step of a run's newest checkpoint; 0 for none."""
        if not os.path.isdir(self.path(name)):
            return 0
        steps = [re.fullmatch(r"checkpoint-(\d+)\.h5", file) for file in os.listdir(self.path(name))]
        return max((int(step[1]) for step in steps if step), default=0)

    def ranks(self, name):
        """The processes of a run's ranks, by rank."""
        found = {}
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    arguments = file.read().decode(errors="replace").split("\0")
                if os.path.basename(arguments[0]) != "weft" or name not in arguments:
                    continue
                with open(f"/proc/{process}/environ", "rb") as file:
                    variables = dict(part.partition(b"=")[::2] for part in file.read().split(b"\0"))
                found[int(variables.get(b"OMPI_COMM_WORLD_RANK") or variables[b"PMIX_RANK"])] = int(process)
            except (OSError, KeyError):
                continue
        return found


def digests(folder):
    """SHA-256 of every file of a run that must be equal."""
    names = [name for name in os.listdir(folder) if not TIMED.match(name)]
    return {name: hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest() for name in names}


def check(condition, message):
    if not condition:
        raise Failure(message)


def wait(condition, seconds, what):
    """Waits until `condition` is true and returns how long that took."""
    start = time.monotonic()
    while not condition():
        check(time.monotonic() - start < seconds, f"waited {seconds} s for {what}")
        time.sleep(0.02)
    return time.monotonic() - start


def run_all(cases):
    """Runs named cases, prints a line for each, and returns the exit status."""
    failed = 0
    for name, case in cases:
        start = time.monotonic()
        try:
            result = case()
        except (Failure, subprocess.TimeoutExpired) as failure:
            failed += 1
            result = f"FAILED: {failure}"
        print(f"{name}: {result} ({time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed else 0
