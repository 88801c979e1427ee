"""The batch scripts of docs/cluster.md in a Slurm cluster of three nodes: jobs that are requeued, run out of time, are
cancelled, or lose a rank or a node end with the files of an undisturbed process. Before that, runs over Open MPI and MPICH.

Usage: slurm.sh 3 batch_jobs.py WEFT [CASE]
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from small_run import SmallRun, check, run_all, wait

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/cluster.md")
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "PREEMPTED"}


def page_scripts():
    """The page's scripts, by the program that starts the ranks."""
    with open(PAGE) as file:
        scripts = re.findall(r"^```sh\n(#!/bin/bash\n#SBATCH.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
    found = {launcher: script for script in scripts for launcher in ("srun", "mpirun") if f"\n{launcher} " in script}
    check(len(scripts) == len(found) == 2, "docs/cluster.md has a script for srun and one for mpirun")
    return found


class Job:
    """A job of one of the page's scripts, with only its sizes, limits and the run's folder changed."""

    def __init__(self, run, script, name, *options, steps=150, nodes=3):
        self.run, self.name = run, name
        text = script.replace("/shared/runs/large", f"{name} --set training.steps={steps}")
        check(text != script, "the page's script has the expected folder")
        with open(run.path(f"{name}.sh"), "w") as file:
            file.write(text)
        environment = dict(os.environ, PATH=f"{os.path.dirname(run.program)}:{os.environ['PATH']}")
        self.number = subprocess.run(
            ["sbatch", "--parsable", f"--nodes={nodes}", "--ntasks-per-node=1", "--cpus-per-task=1", "--time=10",
             f"--output={name}.out", *options, f"{name}.sh"],
            cwd=run.folder, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def show(self):
        shown = subprocess.run(["scontrol", "show", "job", "-o", self.number], capture_output=True, text=True).stdout
        fields = dict(field.partition("=")[::2] for field in shown.split())
        return fields.get("JobState", ""), int(fields.get("Restarts", 0)), fields.get("ExitCode", "")

    def is_running(self):
        return self.show()[0] == "RUNNING"

    def output(self):
        with open(self.run.path(f"{self.name}.out"), errors="replace") as file:
            return file.read()

    def wait_for_checkpoint(self):
        wait(lambda: self.run.step(self.name) > 0 or self.show()[0] in ENDED, 120, f"a checkpoint of {self.name}")
        check(self.is_running(), f"{self.name} ended too early: {self.show()}: {self.output()[-600:]}")

    def end(self, seconds=400):
        """Waits for the end and returns the state, the number of restarts and the exit status."""
        wait(lambda: self.show()[0] in ENDED, seconds, f"the end of {self.name}, which is {self.show()}")
        wait(lambda: not self.run.ranks(self.name), 30, f"the ranks of {self.name}")
        return self.show()

    def expect_completed(self, restarts, steps=150):
        state = self.end()
        check(state == ("COMPLETED", restarts, "0:0"), f"{self.name} is {state}: {self.output()[-600:]}")
        self.run.expect_undisturbed(self.name, steps)


class Cases:
    """Each on a script of the page."""

    def __init__(self, run, launcher, script):
        self.run, self.launcher, self.script = run, launcher, script

    def all(self):
        for case in (self.undisturbed, self.requeued, self.out_of_time, self.cancelled, self.stopped,
                     self.rank_killed, self.node_lost):
            yield f"{self.launcher} {case.__name__}", case

    def submit(self, name, *options, **more):
        return Job(self.run, self.script, f"{self.launcher}-{name}", *options, **more)

    def undisturbed(self):
        job = self.submit("undisturbed")
        job.expect_completed(0)
        return "same files as one process"

    def requeued(self):
        job = self.submit("requeued")
        job.wait_for_checkpoint()
        subprocess.run(["scontrol", "requeue", job.number], check=True)
        job.expect_completed(1)
        return "resumed by itself, same files"

    def out_of_time(self):
        """Slurm looks at the clock about twice a minute, so that the signal comes up to a minute too early."""
        signal_option = re.search(r"--signal=(.*)@300", self.script)[1]
        job = self.submit("out-of-time", "--time=1", f"--signal={signal_option}@20", steps=1500)
        job.wait_for_checkpoint()
        while job.is_running():
            self.slow_down(job)
        state, restarts, status = job.end(600)
        check(state == "COMPLETED", f"{state}, {restarts} restarts, {status}: {job.output()[-600:]}")
        steps = re.findall(r"interrupted at step (\d+)", job.output())
        # A signal before the first step ends the ranks without a line.
        check(0 < len(steps) <= restarts, f"{restarts} restarts, interrupted at {steps}: {job.output()[-600:]}")
        self.run.expect_undisturbed(job.name, 1500)
        return f"{restarts} restarts by itself, with checkpoints at step {', '.join(steps)}; same files"

    def slow_down(self, job):
        """Lets a rank work only until the next checkpoint, so that the run takes minutes on any machine."""
        step, process = self.run.step(job.name), self.run.ranks(job.name).get(1)
        try:
            os.kill(process, signal.SIGSTOP)
            time.sleep(1.5)
            os.kill(process, signal.SIGCONT)
        except (OSError, TypeError):
            return
        wait(lambda: self.run.step(job.name) > step or not job.is_running(), 60, "a checkpoint")

    def cancelled(self):
        job = self.submit("cancelled", steps=1000)
        job.wait_for_checkpoint()
        subprocess.run(["scancel", job.number], check=True)
        state, restarts, _ = job.end(60)
        check((state, restarts) == ("CANCELLED", 0), f"{state}, {restarts} restarts")
        stopped = "with" if "interrupted at step" in job.output() else "without"
        self.submit("cancelled", nodes=2, steps=1000).expect_completed(0, steps=1000)
        return f"stays cancelled, {stopped} a checkpoint; submitted again on two nodes, same files"

    def stopped(self):
        """As the page says how to stop a job for good with a checkpoint."""
        job = self.submit("stopped", steps=1000)
        job.wait_for_checkpoint()
        subprocess.run(["scontrol", "update", f"JobId={job.number}", "Requeue=0"], check=True)
        options = ["--signal=TERM"] if self.launcher == "srun" else ["--signal=USR1", "--batch"]
        subprocess.run(["scancel", *options, job.number], check=True)
        state, restarts, status = job.end(60)
        check((state, restarts) == ("FAILED", 0), f"{state}, {restarts} restarts, {status}: {job.output()[-600:]}")
        check("interrupted at step" in job.output(), f"no checkpoint: {job.output()[-600:]}")
        self.submit("stopped", nodes=1, steps=1000).expect_completed(0, steps=1000)
        return f"ends with a checkpoint and status {status}, not requeued; submitted again on one node, same files"

    def rank_killed(self):
        job = self.submit("killed")
        job.wait_for_checkpoint()
        ranks = self.run.ranks(job.name)
        os.kill(ranks[max(ranks)], signal.SIGKILL)
        start = time.monotonic()
        state, restarts, status = job.end(60)
        check((state, restarts) == ("FAILED", 0), f"{state}, {restarts} restarts")
        seconds = time.monotonic() - start
        self.submit("killed").expect_completed(0)
        return f"the job ends after {seconds:.0f} s with status {status}; submitted again, same files"

    def node_lost(self):
        """srun waits until Slurm requeues the job; mpirun ends it when it misses the node."""
        job = self.submit("node-lost", steps=1000)
        job.wait_for_checkpoint()
        kill_machine("node3")
        start = time.monotonic()
        wait(lambda: not job.is_running(), 90, "Slurm or mpirun to miss the node")
        seconds = time.monotonic() - start
        node = subprocess.Popen([f"{os.environ['CLUSTER']}/node", "node3"])
        if self.launcher == "srun":
            wait(lambda: job.show()[1] == 1 or job.show()[0] in ENDED, 60, "the job to be requeued")
            job.expect_completed(1, steps=1000)
            outcome = "requeued by Slurm and resumed by itself"
        else:
            state, restarts, status = job.end(60)
            check((state, restarts) == ("FAILED", 0), f"{state}, {restarts} restarts")
            self.submit("node-lost", steps=1000).expect_completed(0, steps=1000)
            outcome = f"the job ends with status {status}; submitted again"
        check(node.poll() is None, "the node is not back")
        return f"missed after {seconds:.0f} s, {outcome}, same files"


def srun_over(run, manager):
    """The same program over the MPI that fits how srun lets ranks find each other."""
    name = f"over-{manager}"
    command = ["srun", f"--mpi={manager}", "--nodes=3", "--ntasks=3", "--kill-on-bad-exit=1", run.program, "train",
               "config.yaml", "--output", name, "--threads=1", "--resume"]
    for _ in range(3):
        result = subprocess.run(command, cwd=run.folder, capture_output=True, text=True, timeout=300)
        # Open MPI sometimes cannot connect nodes that share one address, as those of this cluster do.
        if "connect() to 127.0.0.1" not in result.stderr:
            break
    errors = re.findall(r"^weft: error: .*", result.stderr, re.MULTILINE)
    if manager == "none":
        check(result.returncode != 0 and len(errors) == 1 and "--mpi=pmix" in errors[0], f"{result.returncode}: {errors}")
        return f"“{errors[0]}”"
    check(result.returncode == 0, f"status {result.returncode}: {result.stderr[-600:]}")
    run.expect_undisturbed(name)
    return "same files as one process"


def kill_machine(name):
    """Kills all processes with a host name of their own, as a power failure does."""
    with open(f"{os.environ['CLUSTER']}/{name}.pid") as file:
        machine = os.readlink(f"/proc/{file.read().strip()}/ns/uts")
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{process}/ns/uts") == machine:
                os.kill(int(process), signal.SIGKILL)
        except OSError:
            continue


def main():
    program, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as folder:
        run = SmallRun(program, folder)
        cases = [(f"srun --mpi={manager}", lambda manager=manager: srun_over(run, manager))
                 for manager in ("pmix", "pmi2", "none")]
        cases += [case for launcher, script in page_scripts().items() for case in Cases(run, launcher, script).all()]
        return run_all([(name, case) for name, case in cases if wanted in name])


if __name__ == "__main__":
    sys.exit(main())
