"""Writes a result and its goals as pages of Markdown."""

import textwrap

import shapes
from layers import geometric_mean, shape_of

CELL_NAMES = {
    "lstm": "LSTM", "gru-reset-after": "GRU, reset after", "gru": "GRU, reset before", "rnn": "RNN, tanh"}
# Below this share of the CPU time, other programs were running.
QUIET_SHARE = 0.9


def prose(text, indent=""):
    return textwrap.wrap(text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def table(headings, rows):
    """A table whose columns are right-aligned, except the first."""
    lines = ["| " + " | ".join(headings) + " |", "| --- |" + " ---: |" * (len(headings) - 1)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def machine(facts):
    processor, versions, pytorch = facts["processor"], facts["versions"], facts["pytorch"]
    numbers = ", ".join(
        f"{name} {processor[name]}" for name in ("family", "model") if processor.get(name) is not None)
    numbers = f" ({numbers})" if numbers else ""
    commit = f", commit {versions['weft_commit']}" if versions.get("weft_commit") else ""
    facts = [
        f"**Date**: {facts['date']}",
        f"**Machine**: {processor['name']}{numbers}, {processor['processors']} CPUs, "
        f"{', '.join(processor['instruction_sets'])}; {facts['memory_bytes'] / 2**30:.0f} GiB; {facts['system']}",
        f"**Weft** {versions['weft']}{commit}",
        f"**PyTorch** {pytorch['version']}, CPU capability {pytorch['capability']}, with oneDNN; "
        f"**Keras** {versions['keras']} on **JAX** {versions['jax']} and on **TensorFlow** "
        f"{versions['tensorflow-cpu']}; Python {versions['python']}",
        "Every ratio is a ratio of medians over runs that alternate on the same CPUs.",
    ]
    return [line for fact in facts for line in prose(f"- {fact}", indent="  ")]


def quietness(result):
    # With more threads, Weft's share is lower, because its process starts with one; PyTorch's covers its steps only.
    shares = [row["pytorch_share"] for row in result["rows"]]
    shares += [row["weft_share"] for row in result["rows"] if row["threads"] == 1]
    if shares and min(shares) < QUIET_SHARE:
        return ["", *prose(
            f"> Other programs used the CPUs during this run (a timed process had {100 * min(shares):.0f}% of its CPUs "
            "at minimum): treat its times as preliminary, above all those of 2 threads.", indent="> ")]
    return []


def layers(result, image):
    lines = [
        "## One layer",
        "",
        *prose(
            "One training step: forward, backward with input gradients, plain SGD. A shape is T time steps, B rows, I "
            "inputs and H units. The *peak* is the CPU's rate of multiply-adds from registers, measured by Weft in the "
            "same process. PyTorch's GRU is of the reset-after kind; the reset-before kind, which PyTorch does not "
            "have, is compared with it as well."),
    ]
    lines += quietness(result)
    if image:
        lines += ["", f"![Speedup over PyTorch and fraction of the peak, by cell and shape]({image})"]
    threads = sorted({row["threads"] for row in result["rows"]})
    rows = []
    for cell in shapes.CELLS:
        for count in threads:
            chosen = [r["ratio"] for r in result["rows"] if r["cell"] == cell and r["threads"] == count]
            if chosen:
                rows.append([
                    CELL_NAMES[cell], count, f"**{geometric_mean(chosen):.2f}×**", f"{min(chosen):.2f}×",
                    f"{max(chosen):.2f}×"])
    lines += ["", *table(["cell", "threads", "speedup over PyTorch (geometric mean)", "minimum", "maximum"], rows)]
    speedups = {(r["cell"], shape_of(r), r["threads"]): r for r in result["speedups"]}
    for cell in shapes.CELLS:
        rows = []
        for row in result["rows"]:
            if row["cell"] != cell:
                continue
            scaling = speedups.get((cell, shape_of(row), row["threads"]))
            rows.append([
                shape_of(row), row["threads"], f"{row['pytorch_milliseconds']:.2f}",
                f"{row['weft_milliseconds']:.2f}", f"**{row['ratio']:.2f}×**",
                f"{100 * row['pytorch_fraction_of_peak']:.0f}%", f"{100 * row['weft_fraction_of_peak']:.0f}%",
                f"{scaling['pytorch']:.2f}×" if scaling else "", f"{scaling['weft']:.2f}×" if scaling else ""])
        if rows:
            lines += ["", f"### {CELL_NAMES[cell]}", "", *table(
                ["shape", "threads", "PyTorch ms", "Weft ms", "speedup", "PyTorch of peak", "Weft of peak",
                 "PyTorch vs. 1 thread", "Weft vs. 1 thread"], rows)]
    return lines


def bfloat16(result):
    lines = [
        "## bfloat16",
        "",
        *prose(
            "The same layers with `training.precision: bfloat16`, against PyTorch's fastest of three modes: float32, "
            "automatic mixed precision, and a module in bfloat16. The *peak* is that of the unit that multiplies: tiles "
            "(AMX) where the CPU has them, otherwise vector instructions."),
        "",
        *table(
            ["cell, shape", "threads", "PyTorch ms", "mode", "Weft ms", "speedup", "vs. Weft's float32", "Weft of peak"],
            [[f"{CELL_NAMES[row['cell']]}, {shape_of(row)}", row["threads"],
              f"{row['pytorch_milliseconds'][row['pytorch_fastest']]:.2f}", row["pytorch_fastest"],
              f"{row['weft_milliseconds']:.2f}", f"**{row['ratio']:.2f}×**", f"{row['float32_ratio']:.2f}×",
              f"{100 * row['weft_fraction_of_peak']:.0f}%"] for row in result["rows"]]),
    ]
    if "character_model" in result:
        lines += ["", *character_model(result["character_model"], "### Character model")]
    return lines


def character_model(result, heading="## Character model"):
    rows = []
    for row in result["rows"]:
        if "error" in row:
            rows.append([row["system"], row["threads"], "failed", "", "", ""])
            continue
        name = f"{row['system']} {row['version']}" if row["version"] and "Keras" not in row["system"] else row["system"]
        rows.append([
            name, row["threads"], f"{row['tokens_per_second']:,.0f}", f"{row['weft_ratio']:.2f}×",
            f"{row['peak_bytes'] / 2**20:,.0f}",
            f"{row['import_bytes'] / 2**20:,.0f}" if row["import_bytes"] else ""])
    return [
        heading,
        "",
        *prose(
            "Embedding 128, two LSTM layers of 512, softmax over 96; batches of 64 windows of 100; Adam, gradients "
            "clipped to norm 1. Memory is the peak resident size of the whole process; *import* is the part that the "
            "framework takes before it holds a model. PyTorch's default build for Linux loads the CUDA libraries, its "
            "CPU-only build does not."),
        "",
        *table(["system", "threads", "tokens/s", "Weft speedup", "peak MiB", "of which import"], rows),
    ]


def generation(result):
    rows = [
        [f"PyTorch: {name}", f"{speed:,.0f}", f"{result['weft_steps_per_second'] / speed:.2f}×"]
        for name, speed in result["pytorch_ways"].items()]
    return [
        "## Text generation",
        "",
        *prose(
            "The same model at batch size 1, sampling one token at a time from the softmax. A step reads "
            f"{result['weight_bytes'] / 1e6:.1f} MB of weights."),
        "",
        *table(
            ["variant", "steps/s", "Weft speedup"],
            [["**Weft**, 1 thread", f"**{result['weft_steps_per_second']:,.0f}**", ""], *rows]),
        "",
        f"That is {result['weft_bytes_per_second'] / 1e9:.1f} GB/s of weights for Weft and "
        f"{result['pytorch_bytes_per_second'] / 1e9:.1f} GB/s for PyTorch's fastest variant.",
    ]


def long_sequences(result):
    need = result["pytorch"]
    return [
        "## Long sequences",
        "",
        f"Exact backpropagation through {result['length']:,} time steps: LSTM {result['hidden']}, batch "
        f"{result['batch']}, {result['threads']} threads.",
        "",
        *table(["", "time per time step", "peak MiB"], [
            [f"Weft, {result['short_length']} steps", f"{1e6 * result['weft_seconds_per_time_step_short']:.1f} µs", ""],
            [f"Weft, {result['length']:,} steps", f"{1e6 * result['weft_seconds_per_time_step']:.1f} µs "
             f"({result['ratio']:.2f}×)", f"{result['weft_peak_bytes'] / 2**20:,.0f}"],
            [f"PyTorch, {result['length']:,} steps", "not run", f"{need['bytes_needed'] / 2**20:,.0f} needed"]]),
        "",
        *prose(
            f"PyTorch keeps {need['bytes_per_time_step'] / 1024:.0f} KiB per time step (measured at "
            f"{', '.join(f'{n:,}' for n in need['lengths'])} steps and extrapolated); its `nn.LSTM` does not recompute "
            "in segments."),
    ]


def data(result):
    sequences, steps, features = result["shape"]
    versions = result["rows"][0]
    return [
        "## Dataset reading",
        "",
        *prose(
            f"A float32 dataset of {sequences:,} × {steps} × {features}, a random walk rounded to two decimals, in "
            f"chunks of {result['chunk']} sequences; batches of {result['batch']}. MB/s of decoded values, with the "
            f"file in the page cache; h5py {versions['h5py']} on HDF5 {versions['hdf5']}."),
        "",
        *table(["storage, order", "threads", "h5py MB/s", "Weft MB/s", "speedup", "time spent decoding", "peak MiB"], [
            [f"{row['storage']}, {row['order']}", row["threads"], f"{row['h5py_megabytes_per_second']:,.1f}",
             f"{row['weft_megabytes_per_second']:,.0f}", f"**{row['ratio']:.1f}×**",
             f"{100 * row['decode_share']:.0f}%", f"{row['weft_peak_bytes'] / 2**20:,.0f}"]
            for row in result["rows"]]),
    ]


def large_dataset(result):
    return [
        "## Large datasets",
        "",
        *prose(
            f"One shuffled epoch over {result['bytes'] / 1e9:.1f} GB of values ({result['stored_bytes'] / 1e9:.1f} GB in "
            f"the file, gzip and shuffle), LSTM {result['hidden']}, batches of 64, {result['threads']} threads."),
        "",
        *table(["", ""], [
            ["time", f"{result['seconds']:.0f} s"],
            ["throughput", f"{result['bytes'] / 1e6 / result['seconds']:,.0f} MB/s"],
            ["peak memory", f"{result['peak_bytes'] / 2**20:.0f} MiB"],
            ["waiting for data", f"{100 * result['waiting_share']:.1f}% of the time"]]),
    ]


PARTS = {
    "bfloat16": bfloat16, "character_model": character_model, "generation": generation, "long_sequences": long_sequences, "data": data,
    "large_dataset": large_dataset}


def markdown(result, image, goals_link):
    lines = [
        "# Benchmarks",
        "",
        *prose(
            "Weft compared with PyTorch and Keras on CPUs. `Benchmarks/peers/run_all.py` measures and writes this page; "
            f"[benchmark goals]({goals_link}) lists the project's own targets and which of them are met."),
        "",
        *machine(result["machine"]),
    ]
    if "layers" in result:
        lines += ["", *layers(result["layers"], image)]
    for part, section in PARTS.items():
        if part in result:
            lines += ["", *section(result[part])]
    return "\n".join(lines) + "\n"


def goals_markdown(goals, page_link):
    lines = [
        "# Benchmark goals",
        "",
        *prose(
            f"The targets of the project for its [benchmarks]({page_link}), and whether the published result meets "
            "them. `Benchmarks/peers/run_all.py` writes this page; `Benchmarks/peers/goals.py` defines the goals. A "
            "label such as lstm T50 B64 I256 H256 x1 names the cell, the shape (time steps, rows, inputs, units) and "
            "the number of threads."),
        "",
        *table(
            ["goal", "met", "result"],
            [[goal.name, {True: "yes", False: "no", None: "not measured"}[goal.met], goal.found] for goal in goals]),
    ]
    missed = [goal for goal in goals if goal.missed]
    if missed:
        lines += ["", "## Missed cases"]
    for goal in missed:
        lines += ["", f"{goal.name}:", "", *(f"- {case}" for case in goal.missed)]
    return "\n".join(lines) + "\n"
