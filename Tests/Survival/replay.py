"""Crash consistency of training: resumes a run from states that a failure at any moment may leave on disk.

Usage: replay.py WEFT FOLDER STATES [SEED]

FOLDER holds small.yaml and its data. A run is traced (tracing.py), and so are resumptions from damaged states. After
every file operation, the disk may hold what disk.py says. STATES of these states, or all with 0, are resumed; each must
end with the undisturbed run's files, byte for byte, and none may lack a checkpoint that was durable. Prints counts, or
what failed, with status 1; status 77 where nothing can be traced.
"""

import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from disk import Disk, digest
from tracing import Tracer, record

CHECKPOINT = re.compile(r"run/checkpoint-(\d+)\.h5$")
TIMED = re.compile(r"times\.jsonl$|events\.out\.tfevents\.")
State = collections.namedtuple("State", "files name needed")


class Run:
    """A configuration of which runs are traced and resumed."""

    def __init__(self, program, source, folder):
        self.program, self.source, self.folder = os.path.abspath(program), os.path.abspath(source), folder
        self.command = [
            self.program, "train", "small.yaml", "--threads", "1", "--keep", "2", "--set", "training.log_every=2",
            "--output", "run"]
        self.undisturbed = self.final(self.prepare("undisturbed", {}), "undisturbed")

    def prepare(self, name, files):
        """A folder with the configuration, the data and a run's files."""
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        for file in os.listdir(self.source):
            if os.path.isfile(os.path.join(self.source, file)):
                os.symlink(os.path.join(self.source, file), os.path.join(folder, file))
        for path in sorted(files):
            if files[path] is None:
                os.mkdir(os.path.join(folder, path))
            else:
                with open(os.path.join(folder, path), "wb") as file:
                    file.write(files[path])
        return folder

    def final(self, folder, name):
        """Trains to the end and returns the files that must be equal."""
        environment = dict(os.environ, WEFT_FILE_PROBE="off")
        result = subprocess.run(
            self.command + (["--resume"] if name != "undisturbed" else []), cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        text = (result.stdout + result.stderr).decode(errors="replace")
        if result.returncode != 0:
            raise Failure(f"status {result.returncode}: {text[-400:]}")
        if "skipped a damaged" in text:
            raise Failure("a checkpoint with its final name was damaged: " + text[:400])
        return {path: data for path, data in read(folder).items() if not TIMED.search(path)}

    def trace(self, name, files):
        """The states of a run that starts from `files`, after each of its operations."""
        folder = self.prepare(name, files)
        log = os.path.join(self.folder, name + ".strace")
        result, calls = record(self.command + (["--resume"] if files else []), folder, log)
        os.unlink(log)
        if result.returncode != 0:
            raise Failure(f"the traced run ended with status {result.returncode}: {result.stderr[-400:]}")
        disk, seen, operations = Disk(files), set(), collections.Counter()
        states = []

        def after(operation, _):
            operations[operation] += 1
            number = sum(operations.values())
            needed = newest(disk.durable_files())
            for kind, state in disk.states(f"{name} {number}"):
                key = digest(state)
                if key not in seen:
                    seen.add(key)
                    states.append(State(state, f"{name}, operation {number} ({operation}): {kind}", needed))

        Tracer(disk, folder, after).run(calls)
        left = {path: data for path, data in disk.durable_files().items() if not TIMED.search(path)}
        wanted = {path: data for path, data in read(folder).items() if not TIMED.search(path)}
        if disk.names.keys() - {"run/run.lock"} != read(folder).keys() - {"run/run.lock"}:
            raise Failure("the trace has other files than the run: an operation is unknown")
        lost = [path for path in wanted if left.get(path) != wanted[path]]
        shutil.rmtree(folder)
        if lost:
            raise Failure(f"not durable at the end of the run: {lost}")
        return states, operations

    def check(self, state):
        """The failure of a state; None if all is well."""
        folder = None
        try:
            if newest(state.files) < state.needed:
                raise Failure(f"the checkpoint of step {state.needed} was durable and is lost")
            folder = self.prepare(f"state-{digest(state.files)[:24]}", state.files)
            files = self.final(folder, state.name)
            if files.keys() != self.undisturbed.keys():
                raise Failure(f"other files: {sorted(files.keys() ^ self.undisturbed.keys())}")
            for path, data in self.undisturbed.items():
                if files[path] != data:
                    raise Failure(f"{path} differs from that of the undisturbed run")
        except (Failure, subprocess.TimeoutExpired) as failure:
            return f"{state.name}: {failure}"
        finally:
            if folder:
                shutil.rmtree(folder)
        return None


class Failure(Exception):
    """Something that a failure must not do."""


def read(folder):
    """All files below `run`, by path; None for folders."""
    files = {}
    for parent, folders, names in os.walk(os.path.join(folder, "run")):
        files[os.path.relpath(parent, folder)] = None
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                files[os.path.relpath(file.name, folder)] = file.read()
    return files


def newest(files):
    """The step of the newest checkpoint; -1 for none."""
    steps = [CHECKPOINT.search(path) for path in files]
    return max([int(step.group(1)) for step in steps if step], default=-1)


def damaged(states, kinds):
    """A late state of each of these kinds, from which resumptions are traced, too."""
    for kind in kinds:
        some = [state for state in states if state.name.endswith(": " + kind) and newest(state.files) > 0]
        yield some[len(some) * 2 // 3].files


def main(program, source, count, seed="1"):
    if not shutil.which("strace") or subprocess.run(
            ["strace", "-o", os.devnull, "true"], capture_output=True).returncode != 0:
        print("nothing can be traced here: strace is missing or not permitted")
        return 77
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="weft-crash-", dir=memory) as folder:
        try:
            run = Run(program, source, folder)
            states, operations = run.trace("run", {})
            for number, files in enumerate(damaged(list(states), ["killed", "garbage", "torn, then zeros"])):
                more, counts = run.trace(f"resumption {number + 1}", files)
                states += more
                operations += counts
        except Failure as failure:
            print(failure)
            return 1
        print(f"{sum(operations.values())} operations (" + ", ".join(
            f"{number} {name}" for name, number in operations.most_common()) + f"), {len(states)} states")
        if int(count):
            states = random.Random(seed).sample(states, min(int(count), len(states)))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            failures = [failure for failure in pool.map(run.check, states) if failure]
        for failure in failures[:20]:
            print(failure)
        print(f"resumed {len(states)} states: {len(failures)} failures")
        return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
