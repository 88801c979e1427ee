"""Faults that are injected into a run at work."""

import collections
import os
import re
import shutil
import signal
import subprocess
import time

from soak_run import check

# Folders of control groups of both versions, and the file with its two values.
FREEZERS = [
    ("/sys/fs/cgroup/freezer", "freezer.state", "FROZEN", "THAWED"), ("/sys/fs/cgroup", "cgroup.freeze", "1", "0")]


class Faults:
    """Faults in random order: half of them end the run, which is resumed."""

    def __init__(self, run, data, random, seconds):
        self.run, self.data, self.random = run, data, random
        # In a long soak, faults take seconds; in a short one fractions of them.
        self.scale = min(1, seconds / 600)
        self.count, self.time, self.last = collections.Counter(), collections.Counter(), ""
        self.survivable = [self.stopped, self.suspended, self.cold]
        self.ending = [self.terminated, self.killed]
        if shutil.which("strace") and subprocess.run(
                ["strace", "-o", os.devnull, "true"], capture_output=True).returncode == 0:
            self.survivable.append(self.slow)
        else:
            print("reads are not slowed: strace is missing or not permitted")
        if self._mount():
            self.ending += [self.full, self.full]
        else:
            print("no disk is filled: mounting one needs root")
        if self._make_freezer():
            self.survivable.append(self.frozen)
        else:
            print("the run is not frozen: there is no freezer of control groups")
        self.queue = []

    def next(self, survivable):
        """Injects the next fault; if it ended the run, that is resumed."""
        if not self.queue:
            # Each kind once, in another order every time.
            self.queue = self.survivable + self.ending
            self.random.shuffle(self.queue)
        fault = self.queue.pop()
        if survivable and fault in self.ending:
            return self.next(survivable)
        start = time.monotonic()
        outcome = fault()
        self.has_ended = fault in self.ending
        self.last = f"{fault.__name__}: {outcome}"
        self.count[fault.__name__] += 1
        self.time[fault.__name__] += time.monotonic() - start

    def pause(self):
        """Lets the run work until the next fault."""
        self.run.watch(self.random.uniform(0.5, 5) * self.scale)
        # Otherwise short processes that end one after the other would never get on.
        if self.has_ended and self.random.random() < 0.5:
            self.run.wait_for_checkpoint()

    def report(self):
        print("faults: " + ", ".join(
            f"{count} {name} ({self.time[name]:.0f} s)" for name, count in sorted(self.count.items())))

    # The run goes on

    def stopped(self):
        """Stops and goes on in quick succession, at any place in the program."""
        times = self.random.randint(5, 40)
        for _ in range(times):
            self.run.signal(signal.SIGSTOP)
            self.run.watch(self.random.uniform(0, 0.2) * self.scale)
            self.run.signal(signal.SIGCONT)
            self.run.watch(self.random.uniform(0, 0.1) * self.scale)
        return f"{times} times"

    def suspended(self):
        """As with Ctrl-Z, for longer."""
        self.run.signal(signal.SIGTSTP)
        self.run.wait_for(lambda: self.run.state() == "T", "the run to be suspended")
        self.run.watch(self.random.uniform(2, 30) * self.scale)
        self.run.signal(signal.SIGCONT)
        return "woken up"

    def frozen(self):
        """Suspended without its knowledge, as a container or a virtual machine is."""
        self._freeze(True)
        try:
            self.run.watch(self.random.uniform(2, 30) * self.scale)
        finally:
            self._freeze(False)
        return "thawed"

    def cold(self):
        """The data leave the page cache again and again, so that they are read from the disk."""
        with open(self.data, "rb") as file:
            for _ in range(10):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                self.run.watch(1 * self.scale)
        return "read from the disk"

    def slow(self):
        """Every read waits, as with a network file system under load."""
        delay = self.random.choice([2_000, 20_000, 200_000])
        tracer = subprocess.Popen(
            ["strace", "-f", "-o", os.devnull, "-e", "trace=pread64,read", "-e",
             f"inject=pread64,read:delay_enter={delay}", "-p", str(self.run.process.pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.run.watch(self.random.uniform(3, 15) * self.scale)
        finally:
            tracer.terminate()
            tracer.wait()
        return f"{delay / 1000:.0f} ms for each read"

    # The run ends

    def terminated(self):
        self.run.terminate()
        self.run.start()
        return "resumed"

    def killed(self):
        self.run.signal(signal.SIGKILL)
        status = self.run.end()
        check(status == -signal.SIGKILL, f"status {status} after SIGKILL: {self.run.output()[-600:]}")
        self.run.start()
        return "resumed"

    def full(self):
        """A file fills the run's disk, up to some bytes, for which the run may still find a use."""
        filler = os.path.join(self.run.path, "filler")
        left = self.random.choice([0, 0, 4, 40, 200]) << 10
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 16)):
                    pass
            except OSError:
                pass
            file.truncate(max(0, file.tell() - left))
        status = self.run.end()
        errors = re.findall(r"^weft: error: .*", self.run.output(), re.MULTILINE)
        check(status == 1, f"status {status} on a full disk: {self.run.output()[-600:]}")
        check(len(errors) == 1 and re.search("No space left|disk is full", errors[0]), f"on a full disk: {errors}")
        os.unlink(filler)
        self.run.start()
        return "“" + errors[0].removeprefix("weft: error: ") + "”, resumed"

    # Resources

    def _mount(self):
        """Gives the run's folder a small disk of its own; false where that is not possible."""
        # Only within a namespace of this program.
        if "WEFT_SOAK_NAMESPACE" not in os.environ:
            return False
        os.mkdir(self.run.path)
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m", "weft", self.run.path], capture_output=True).returncode == 0

    def _make_freezer(self):
        """A control group; false where none can be made."""
        for parent, file, *_ in FREEZERS:
            self.freezer = f"{parent}/weft-soak-{os.getpid()}"
            try:
                os.mkdir(self.freezer)
            except OSError:
                continue
            if os.path.exists(f"{self.freezer}/{file}"):
                return True
            os.rmdir(self.freezer)
        self.freezer = None
        return False

    def _freeze(self, freezes):
        parent = os.path.dirname(self.freezer)
        _, file, frozen, thawed = next(freezer for freezer in FREEZERS if freezer[0] == parent)
        if freezes:
            _write(f"{self.freezer}/cgroup.procs", self.run.process.pid)
        _write(f"{self.freezer}/{file}", frozen if freezes else thawed)
        if not freezes:
            _write(f"{parent}/cgroup.procs", self.run.process.pid)

    def close(self):
        """Removes the control group and the disk, once the run has ended."""
        if self.freezer:
            os.rmdir(self.freezer)
        subprocess.run(["umount", self.run.path], capture_output=True)


def _write(path, value):
    with open(path, "w") as file:
        file.write(str(value))
