"""A long run on data larger than its memory, disturbed all the time: memory and open files stay constant, and the
result is that of an undisturbed run.

Usage: soak.py WEFT SECONDS GIGABYTES [SEED]

The data are written to a temporary folder (TMPDIR). In the first and the last quarter of the time, faults that end the
run come with the others; the middle half is left to one process, whose memory and open files are measured. Every
checkpoint is compared with that of a run without faults, which starts beside it late enough to be overtaken at the
end. The small disk that fills needs root and the slow reads strace; where one is missing, that fault is left out
with a message. Prints a report; status 1 if anything is not as promised.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import soak_data
from soak_faults import Faults
from soak_run import Failure, Run, check


def main(program, seconds, gigabytes, seed="1"):
    seconds, gigabytes = float(seconds), float(gigabytes)
    with tempfile.TemporaryDirectory(prefix="weft-soak-") as folder:
        data = os.path.join(folder, "soak.h5")
        size = soak_data.write(data, gigabytes)
        with open(os.path.join(folder, "soak.yaml"), "w") as file:
            file.write(soak_data.CONFIGURATION)
        print(f"soak of {seconds:.0f} s on {size / 1e9:.2f} GB, seed {seed}", flush=True)
        run, undisturbed = Run(program, folder, "run"), Run(program, folder, "undisturbed")
        faults = Faults(run, data, random.Random(seed), seconds)
        try:
            disturb(run, faults, seconds, undisturbed)
            compare(run, undisturbed, size)
        except (Failure, subprocess.TimeoutExpired) as failure:
            print(f"FAILED: {failure}")
            return 1
        finally:
            undisturbed.kill()
            faults.close()
    return 0


def disturb(run, faults, seconds, undisturbed):
    """Trains until the time is over, whatever happens."""
    def passed():
        return (time.monotonic() - start) / seconds

    run.start()
    try:
        run.wait_for_checkpoint()
        start = time.monotonic()
        while passed() < 1:
            faults.next(survivable=0.25 <= passed() < 0.75)
            faults.pause()
            print(f"{passed():4.0%}  step {run.step}  {faults.last}", flush=True)
            if passed() > 0.6 and not run.companion:
                undisturbed.start()
                run.companion = undisturbed
        # The undisturbed run is compared at a scheduled checkpoint.
        run.wait_for_checkpoint()
        run.terminate()
    finally:
        run.kill()
        run.companion = None
    faults.report()
    run.report()


def compare(run, undisturbed, size):
    """Trains without faults as far, and compares every checkpoint and line of metrics."""
    last = run.step
    if not undisturbed.lives:
        undisturbed.start()
    while undisturbed.step < last:
        undisturbed.watch(0.05)
    undisturbed.kill()
    both = run.checkpoints.keys() & undisturbed.checkpoints.keys()
    differing = sorted(step for step in both if run.checkpoints[step] != undisturbed.checkpoints[step])
    check(not differing, f"checkpoints differ from those of the undisturbed run at the steps {differing[:20]}")
    check(len(both) > 0.5 * len(run.checkpoints), f"only {len(both)} of {len(run.checkpoints)} were compared")
    for log in ("metrics.jsonl", "gradients.jsonl"):
        check(run.lines(log, last) == undisturbed.lines(log, last), f"{log} differs from that of the undisturbed run")
    print(
        f"undisturbed to step {last}: {len(both)} checkpoints have the same bytes, and so have metrics and gradient"
        f" norms; {undisturbed.bytes_read / size:.1f} passes over the data")


if __name__ == "__main__":
    # Programs that start this one may have blocked signals, which all processes below would inherit.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if os.geteuid() == 0 and "WEFT_SOAK_NAMESPACE" not in os.environ:
        # Mounted disks disappear with their namespace, however this ends.
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0:
            os.environ["WEFT_SOAK_NAMESPACE"] = "1"
            os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    sys.exit(main(*sys.argv[1:]))
