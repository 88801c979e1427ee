"""A run that is started, resumed, ended and watched from outside."""

import hashlib
import os
import re
import signal
import subprocess
import time

CHECKPOINT = re.compile(r"checkpoint-(\d+)\.h5")
# Nobody is to wait for longer, whatever was done to the run.
FOREVER = 300


class Failure(Exception):
    """Something that is not as promised."""


def check(condition, message):
    if not condition:
        raise Failure(message)


class Run:
    """A training run in a folder, which has `soak.yaml` and its data."""

    # Steps between scheduled checkpoints; those of an interrupted run are at other steps.
    EVERY = 50

    def __init__(self, program, folder, name):
        self.folder, self.name = folder, name
        self.path = os.path.join(folder, name)
        self.command = [
            os.path.abspath(program), "train", "soak.yaml", "--set", "training.steps=1000000000", "--output", name]
        self.log = os.path.join(folder, name + ".log")
        self.process = None
        # A run that is watched with this one.
        self.companion = None
        # SHA-256 by step of scheduled checkpoints, and what has been read of the folder.
        self.checkpoints, self.seen = {}, {}
        # For each process: its samples of time, memory in KiB and open files.
        self.lives = []
        self.bytes_read = 0

    # Starting and ending

    def start(self):
        arguments = ["--resume"] if self.lives else []
        self.lives.append([])
        with open(self.log, "ab") as log:
            self.start_of_log = log.tell()
            # In a process group of its own, so that it can be suspended like a job of a shell.
            self.process = subprocess.Popen(
                self.command + arguments, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                process_group=0)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        """Waits for the end, and returns the status."""
        end = time.monotonic() + FOREVER
        while self.process.poll() is None:
            check(time.monotonic() < end, f"goes on after {FOREVER} s: {self.output()[-400:]}")
            self.look()
            time.sleep(0.05)
        self.look()
        return self.process.returncode

    def terminate(self):
        self.signal(signal.SIGTERM)
        status = self.end()
        if status == -signal.SIGTERM and not self.output():
            return  # Before the program could take notice.
        check(status == 143, f"status {status} after SIGTERM: {self.output()[-600:]}")
        check(": interrupted at step " in self.output(), f"no line at the end: {self.output()[-600:]}")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def output(self):
        """What the present process has printed."""
        with open(self.log, errors="replace") as log:
            log.seek(self.start_of_log)
            return log.read()

    # Watching

    def watch(self, seconds):
        """Lets the run work, samples it, and collects its checkpoints."""
        end = time.monotonic() + seconds
        while True:
            self.look()
            status = self.process.poll()
            check(status is None, f"ended by itself with status {status}: {self.output()[-600:]}")
            rest = end - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, 0.2))

    def look(self):
        """Collects new checkpoints, and samples memory and open files."""
        self.collect()
        self.sample()
        if self.companion:
            self.companion.look()

    def sample(self):
        process = f"/proc/{self.process.pid}"
        try:
            with open(f"{process}/status") as file:
                memory = re.search(r"VmRSS:\s+(\d+) kB", file.read())
            with open(f"{process}/io") as file:
                read = int(re.search(r"rchar: (\d+)", file.read())[1])
            files = len(os.listdir(f"{process}/fd"))
        except OSError:
            return
        if memory:
            if self.lives[-1]:
                self.bytes_read += read - self.lives[-1][-1][3]
            self.lives[-1].append((time.monotonic(), int(memory[1]), files, read))

    def collect(self):
        """Hashes new checkpoints; one that is written again must be the same."""
        if not os.path.isdir(self.path):
            return
        for name in os.listdir(self.path):
            match = CHECKPOINT.fullmatch(name)
            if not match or int(match[1]) % self.EVERY:
                continue
            step = int(match[1])
            try:
                with open(os.path.join(self.path, name), "rb") as file:
                    status = os.fstat(file.fileno())
                    identity = status.st_ino, status.st_mtime_ns
                    if self.seen.get(step) == identity:
                        continue
                    digest = hashlib.sha256(file.read()).hexdigest()
            except FileNotFoundError:
                continue
            check(self.checkpoints.setdefault(step, digest) == digest, f"{name} has other bytes the second time")
            self.seen[step] = identity

    @property
    def step(self):
        return max(self.checkpoints, default=0)

    def wait_for_checkpoint(self):
        """Waits for the next scheduled checkpoint."""
        last = self.step
        self.wait_for(lambda: self.step > last, "a checkpoint")

    def wait_for(self, condition, what):
        end = time.monotonic() + FOREVER
        while not condition():
            check(time.monotonic() < end, f"waited {FOREVER} s for {what}: {self.output()[-400:]}")
            self.watch(0.05)

    def state(self):
        """The state of the process, such as R for running or T for stopped."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            return re.search(r"\) (\w)", file.read())[1]

    def lines(self, log, last):
        """The lines of a log up to a step."""
        with open(os.path.join(self.path, log)) as file:
            return [line for line in file if int(re.match(r'{"step":(\d+)', line)[1]) <= last]

    def report(self):
        """Prints memory and open files of the longest process, which must not grow from its first half to its second."""
        check(not [name for name in os.listdir(self.path) if name.endswith(".partial")], "a partial file is left")
        life = max(self.lives, key=lambda samples: samples[-1][0] - samples[0][0] if samples else 0)
        length = life[-1][0] - life[0][0]
        # The first eighth, at most a minute, is for one-time allocations.
        life = [sample for sample in life if sample[0] - life[0][0] >= min(length / 8, 60)]
        halves = life[:len(life) // 2], life[len(life) // 2:]
        memory = [max(sample[1] for sample in half) for half in halves]
        # The fewest: a checkpoint that is being written is open by chance, a file left open stays.
        files = [min(sample[2] for sample in half) for half in halves]
        peaks = [max(sample[1] for sample in samples) for samples in self.lives if samples]
        print(
            f"{len(self.lives)} processes; the longest lived {length:.0f} s: at most {memory[0]} KiB of memory in its"
            f" first half and {memory[1]} KiB in its second, {files[0]} and {files[1]} open files; all processes: at"
            f" most {max(peaks)} KiB")
        print(f"{len(self.checkpoints)} scheduled checkpoints; {self.bytes_read / 1e9:.2f} GB read")
        # Short processes are still growing.
        if length >= 120:
            check(memory[1] <= memory[0] * 1.02 + 1024, "memory grows")
            check(files[1] <= files[0], "more files are open")
