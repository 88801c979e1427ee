"""Ranks that are killed, stopped, started differently, or without room on their disk: the run ends or continues as
docs/cluster.md says, and resumed it ends with the files of an undisturbed process.

Usage: rank_faults.py WEFT [CASE]

SECONDS_STOPPED in the environment is how long a rank is stopped: 15 by default. The full disk needs root, which mounts a small
one; otherwise that case says so.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from small_run import SmallRun, check, run_all, wait

# Over loopback like a network, with any number of ranks on any number of CPUs.
MPIRUN = ["mpirun", "--oversubscribe", "--allow-run-as-root", "--mca", "btl", "self,tcp", "--mca",
          "btl_tcp_if_include", "lo", "--mca", "oob_tcp_if_include", "lo"]
FOREVER = 120


class Training:
    """Three ranks at work; `by_rank` gives more arguments to some."""

    def __init__(self, run, name, *more, by_rank=()):
        self.run, self.name = run, name
        self.log = open(run.path(name + ".log"), "a+")
        command = list(MPIRUN)
        for rank in range(3):
            command += [":"] * (rank > 0) + [
                "-n", "1", run.program, "train", "config.yaml", "--output", name, "--threads", "1", *more,
                *dict(by_rank).get(rank, [])]
        self.process = subprocess.Popen(
            command, cwd=run.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def wait_for_checkpoint(self):
        """Waits until the run has a checkpoint, and returns its ranks' processes."""
        wait(lambda: self.run.step(self.name) > 0 or self.process.poll() is not None, 60, "a checkpoint")
        check(self.process.poll() is None, f"ended too early: {self.output()[-600:]}")
        return self.run.ranks(self.name)

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def errors(self):
        return re.findall(r"^weft: error: .*", self.output(), re.MULTILINE)

    def end(self, seconds=FOREVER):
        """Waits for the end, and returns the status and how long it took. None of the ranks may be left."""
        start = time.monotonic()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            for process in self.run.ranks(self.name).values():
                os.kill(process, signal.SIGKILL)
            self.process.wait(30)
            check(False, f"went on for {seconds} s: {self.output()[-400:]}")
        wait(lambda: not self.run.ranks(self.name), 10, "the ranks to end")
        return status, time.monotonic() - start


def resume(run, name):
    training = Training(run, name, "--resume")
    status, _ = training.end()
    check(status == 0, f"the resumed run ended with status {status}: {training.output()[-600:]}")
    run.expect_undisturbed(name)


def killed(run, rank):
    training = Training(run, f"killed{rank}")
    os.kill(training.wait_for_checkpoint()[rank], signal.SIGKILL)
    status, seconds = training.end(10)
    check(status != 0, "status 0")
    check(re.search(rf"process rank {rank} .*on node .* exited on\s+signal 9", training.output()),
          f"neither rank nor signal is named: {training.output()[-600:]}")
    resume(run, training.name)
    return f"the run ends after {seconds:.1f} s with status {status}; resumed, same files"


def stopped(run, rank, length):
    """The others wait; nothing is lost, and no time limit of MPI ends the run."""
    training = Training(run, f"stopped{rank}")
    process = training.wait_for_checkpoint()[rank]
    os.kill(process, signal.SIGSTOP)
    # What was under way is done.
    time.sleep(2)
    step = run.step(training.name)
    time.sleep(length - 2)
    check(training.process.poll() is None, f"ended while a rank was stopped: {training.output()[-600:]}")
    check(run.step(training.name) == step, "the run went on without the rank")
    os.kill(process, signal.SIGCONT)
    status, _ = training.end()
    check(status == 0, f"status {status}: {training.output()[-600:]}")
    run.expect_undisturbed(training.name)
    return f"the others wait {length} s, and the run goes on to its end with the same files"


def stopped_and_ended(run):
    """Whoever will not wait can end it: the stopped rank hinders nothing."""
    training = Training(run, "stopped-ended")
    os.kill(training.wait_for_checkpoint()[1], signal.SIGSTOP)
    time.sleep(1)
    training.process.send_signal(signal.SIGTERM)
    status, seconds = training.end(30)
    check(status != 0, "status 0")
    resume(run, training.name)
    return f"SIGTERM to mpirun ends all after {seconds:.1f} s; resumed, same files"


def differs(run, rank, arguments, expected, resumes=False):
    """A rank started with another configuration, which all refuse before the first step."""
    name = f"differs{rank}-" + re.sub(r"\W+", "-", " ".join(arguments)) + ("-resumed" if resumes else "")
    if resumes:
        training = Training(run, name)
        os.kill(training.wait_for_checkpoint()[0], signal.SIGKILL)
        training.end(10)
    training = Training(run, name, *(["--resume"] if resumes else []), by_rank={rank: arguments})
    status, seconds = training.end(60)
    errors = training.errors()
    check(status == 2, f"status {status}: {training.output()[-600:]}")
    check(len(errors) == 1 and re.search(expected, errors[0]), f"{errors}")
    if not resumes:
        check(run.step(name) == 0, "a checkpoint was written")
    resume(run, name)
    return f"“{errors[0]}”, status 2 after {seconds:.1f} s; started again with --resume, same files"


def full_disk(run, kind):
    """The run's folder is on a disk of its own, which fills up; every rank uses it, and rank 0 writes."""
    if os.geteuid() != 0:
        return "not tried: needs root to mount a disk"
    name = f"full-{kind}"
    os.mkdir(run.path(name))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={320 if kind == 'early' else 1024}k", "weft", run.path(name)],
        capture_output=True, text=True)
    if mounted.returncode != 0:
        return f"not tried: {mounted.stderr.strip()}"
    try:
        training = Training(run, name, *([] if kind == "early" else ["--keep", "1000"]))
        if kind == "filled":
            training.wait_for_checkpoint()
            with open(run.path(name, "filler"), "wb", buffering=0) as filler:
                try:
                    while filler.write(bytes(4096)):
                        pass
                except OSError:
                    pass
        status, seconds = training.end(60)
        errors = training.errors()
        check(status == 1, f"status {status}: {training.output()[-600:]}")
        check(len(errors) == 1 and re.search("No space left|disk is full", errors[0]), f"{errors}")
        if kind == "filled":
            os.unlink(run.path(name, "filler"))
        check(subprocess.run(["mount", "-o", "remount,size=64m", run.path(name)]).returncode == 0, "no remount")
        resume(run, name)
        return f"“{errors[0]}”, status 1 after {seconds:.1f} s; resumed once there is room, same files"
    finally:
        subprocess.run(["umount", run.path(name)])


def main():
    program, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    length = int(os.environ.get("SECONDS_STOPPED", 15))
    # Programs that start this one may have blocked signals, which all processes below would inherit.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    with tempfile.TemporaryDirectory() as folder:
        run = SmallRun(program, folder)
        cases = [(f"rank {rank} killed", lambda rank=rank: killed(run, rank)) for rank in (0, 2)]
        cases += [(f"rank {rank} stopped", lambda rank=rank: stopped(run, rank, length)) for rank in (0, 2)]
        cases.append(("rank 1 stopped, run ended", lambda: stopped_and_ended(run)))
        others = [
            (1, ["--set", "training.seed=7"], r"rank 1: .*training\.seed"),
            (0, ["--set", "training.seed=7"], r"rank 1: .*training\.seed"),
            (2, ["--set", "training.steps=100"], r"rank 2: .*training\.steps"),
            (1, ["--set", "model.hidden=16"], r"rank 1: .*model\.hidden"),
            (1, ["--set", "training.checkpoint_every=7"], r"rank 1: .*training\.checkpoint_every"),
            (1, ["--resume"], r"rank 1: .*--resume"),
        ]
        cases += [
            (f"rank {rank} with {' '.join(arguments)}",
             lambda rank=rank, arguments=arguments, expected=expected: differs(run, rank, arguments, expected))
            for rank, arguments, expected in others]
        cases.append(
            ("rank 2 resumed with another seed",
             lambda: differs(run, 2, ["--set", "training.seed=7"], r"rank 2: .*training\.seed", resumes=True)))
        cases += [(f"disk {kind}", lambda kind=kind: full_disk(run, kind)) for kind in ("early", "filled")]
        return run_all([(name, case) for name, case in cases if wanted in name])


if __name__ == "__main__":
    sys.exit(main())
