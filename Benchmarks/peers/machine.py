"""What the comparison ran on: processor, versions, and whether anything slowed the peers down."""

import datetime
import importlib.metadata
import os
import platform
import subprocess

from processes import LIMITS, REPOSITORY, WEFT

DISTRIBUTIONS = ("torch", "keras", "jax", "jaxlib", "tensorflow-cpu", "numpy")
INSTRUCTION_SETS = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve")


def processor():
    facts = {}
    with open("/proc/cpuinfo") as file:
        for line in file:
            name, _, value = line.partition(":")
            facts.setdefault(name.strip(), value.strip())
    flags = set(facts.get("flags", facts.get("Features", "")).split())
    return {
        "name": facts.get("model name", platform.processor() or platform.machine()),
        "family": facts.get("cpu family"),
        "model": facts.get("model"),
        "processors": len(os.sched_getaffinity(0)),
        "instruction_sets": [name for name in INSTRUCTION_SETS if name in flags],
    }


def memory_bytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def command_output(*command):
    finished = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY)
    return finished.stdout.strip() if finished.returncode == 0 else None


def versions():
    result = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            result[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            result[name] = None
    result["weft"] = command_output(str(WEFT), "--version")
    # Another program than this repository's build has a commit that cannot be told from here.
    result["weft_commit"] = None if "WEFT" in os.environ else command_output("git", "rev-parse", "--short", "HEAD")
    return result


def pytorch():
    import torch

    return {
        "version": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "onednn": torch.backends.mkldnn.is_available(),
        "configuration": torch.__config__.show(),
        # They are taken out of the environment of every process that is timed.
        "limits_ignored": {name: os.environ[name] for name in LIMITS if name in os.environ},
    }


def describe():
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "memory_bytes": memory_bytes(),
        "system": f"{platform.system()} {platform.release()}",
        "load_average_at_start": os.getloadavg()[0],
        "versions": versions(),
        "pytorch": pytorch(),
    }
