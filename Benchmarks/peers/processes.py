"""Starts Weft and the peers as processes on given processors."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent.parent
# Any of these would keep oneDNN, MKL or PyTorch from the processor's full instruction set.
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS", "ATEN_CPU_CAPABILITY")
WEFT = Path(os.environ.get("WEFT", REPOSITORY / ".build/release/weft"))


class Unsupported(Exception):
    """A peer cannot do it on this CPU."""


class CommandFailed(Exception):
    """A command exited with something other than 0; the message ends with what it printed."""


def processors(threads):
    """The same processors for everyone: the last ones of those allowed, as the first serves most interrupts."""
    allowed = sorted(os.sched_getaffinity(0))
    if threads > len(allowed):
        raise SystemExit(f"{threads} threads, but only {len(allowed)} processors may be used")
    return set(allowed[-threads:])


def pinned(threads):
    chosen = processors(threads)
    return lambda: os.sched_setaffinity(0, chosen)


def environment(threads):
    """Variables that would slow a peer down are removed; its thread pools get as many threads as Weft."""
    variables = dict(os.environ)
    for name in LIMITS:
        variables.pop(name, None)
    variables.update(OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    return variables


@dataclass(frozen=True)
class Finished:
    """What a command printed and used."""

    output: str
    errors: str
    seconds: float
    processor_seconds: float
    peak_bytes: int


def run(command, threads, **options):
    """Runs a command to its end on the processors that `threads` threads get."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], preexec_fn=pinned(threads), env=environment(threads),
            stdin=subprocess.DEVNULL, stdout=output, stderr=errors, **options)
        # wait4 tells the resources of this one child; getrusage would give the greatest of all children.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        result = Finished(
            output.read(), errors.read(), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
    if process.returncode != 0:
        raise CommandFailed(
            f"{' '.join(map(str, command))}\nexited with {process.returncode}:\n{result.errors[-2000:]}")
    return result


def weft_layer(cell, shape, threads, extra=()):
    """One process of `weft bench layer`: milliseconds, gflops, peak_gflops, fraction_of_peak, share."""
    command = [
        WEFT, "bench", "layer", "--cell", cell, "--steps", shape.steps, "--batch", shape.batch,
        "--input", shape.input, "--hidden", shape.hidden, "--threads", threads, "--json", *extra]
    finished = run(command, threads)
    result = json.loads(finished.output)
    result["share"] = finished.processor_seconds / finished.seconds / threads
    result["peak_bytes"] = finished.peak_bytes
    return result


class PyTorchWorker:
    """A process of pytorch_worker.py."""

    def __init__(self, threads, python=sys.executable):
        self.process = subprocess.Popen(
            [str(python), str(FOLDER / "pytorch_worker.py"), str(threads)], preexec_fn=pinned(threads),
            env=environment(threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, module, shape, seconds, mode="float32"):
        request = dict(
            module=module, steps=shape.steps, batch=shape.batch, input=shape.input, hidden=shape.hidden, mode=mode,
            seconds=seconds)
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise CommandFailed("the PyTorch worker ended early")
        answer = json.loads(answer)
        if "error" in answer:
            raise Unsupported(answer["error"])
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()
