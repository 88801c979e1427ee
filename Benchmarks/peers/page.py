"""Writes the page by which Weft can be judged: one picture and one table; and the goals with what was found."""

import shapes
from layers import geometric_mean
from tables import CELL_NAMES, prose, quietness, table


def layer_rows(result, kind="", against="PyTorch"):
    """A row for each cell and number of threads: the mean over all shapes, and the extremes."""
    rows = []
    for cell in shapes.CELLS:
        for threads in sorted({row["threads"] for row in result["rows"]}):
            ratios = [row["ratio"] for row in result["rows"] if (row["cell"], row["threads"]) == (cell, threads)]
            # PyTorch has no GRU of the other kind: it is among the details.
            if ratios and cell != "gru":
                rows.append([
                    f"training step of a layer{kind}: {CELL_NAMES[cell]}", threads, "", against, "",
                    f"**{geometric_mean(ratios):.2f}×** ({min(ratios):.2f}–{max(ratios):.2f})"])
    return rows


def bfloat16_rows(result):
    """The same in bfloat16, against the fastest of PyTorch's modes, float32 among them."""
    rows = layer_rows(result, " in bfloat16", "PyTorch's fastest mode")
    if "character_model" in result:
        rows += character_model_rows(result["character_model"], " in bfloat16")
    return rows


def character_model_rows(result, kind=""):
    """The largest number of threads: tokens per second, and memory against the smallest of the others."""
    measured = [row for row in result["rows"] if "error" not in row]
    threads = max(row["threads"] for row in measured)
    measured = [row for row in measured if row["threads"] == threads]
    weft = next(row for row in measured if row["system"] == "Weft")
    others = [row for row in measured if row is not weft]
    if not others:
        return []
    smallest = min(others, key=lambda row: row["peak_bytes"])
    return [
        *[[f"character model, training{kind}, tokens/s", threads, f"{weft['tokens_per_second']:,.0f}", row["system"],
           f"{row['tokens_per_second']:,.0f}", f"**{row['weft_ratio']:.2f}×**"] for row in others],
        [f"character model, training{kind}, peak memory", threads, f"{weft['peak_bytes'] / 2**20:,.0f} MiB",
         smallest["system"], f"{smallest['peak_bytes'] / 2**20:,.0f} MiB",
         f"**{weft['peak_bytes'] / smallest['peak_bytes']:.2f}×** the memory"]]


def generation_rows(result):
    way, speed = max(result["pytorch_ways"].items(), key=lambda item: item[1])
    way, threads = way.rsplit(", ", 1)
    assert threads.endswith(("thread", "threads")), way
    return [[
        "character model, generation, tokens/s", 1, f"{result['weft_steps_per_second']:,.0f}",
        f"PyTorch, {way.removeprefix('nn.')}, {threads}", f"{speed:,.0f}",
        f"**{result['weft_steps_per_second'] / speed:.2f}×**"]]


def long_sequence_rows(result):
    weft, need = result["weft_peak_bytes"] / 2**20, result["pytorch"]["bytes_needed"] / 2**20
    return [[
        f"{result['length']:,} time steps, exact gradients, peak memory", result["threads"], f"{weft:,.0f} MiB",
        "PyTorch, extrapolated", f"{need:,.0f} MiB", f"**{weft / need:.2f}×** the memory"]]


def data_rows(result):
    return [[
        f"reading, {row['storage']}, {row['order']}, MB/s", row["threads"], f"{row['weft_megabytes_per_second']:,.0f}",
        "h5py", f"{row['h5py_megabytes_per_second']:,.0f}", f"**{row['ratio']:.1f}×**"] for row in result["rows"]]


def large_dataset_rows(result):
    return [[
        f"an epoch over {result['bytes'] / 1e9:.0f} GB, compressed, peak memory", result["threads"],
        f"{result['peak_bytes'] / 2**20:.0f} MiB", "", "", ""]]


PARTS = {
    "layers": layer_rows, "bfloat16": bfloat16_rows, "character_model": character_model_rows,
    "generation": generation_rows, "long_sequences": long_sequence_rows, "data": data_rows, "large_dataset": large_dataset_rows}


def markdown(result, image, details_link, goals_link):
    facts = result["machine"]
    processor, versions = facts["processor"], facts["versions"]
    lines = ["# Benchmarks", "", *prose("Weft against PyTorch, Keras and h5py on CPUs; above 1× Weft is faster.")]
    if image:
        lines += ["", f"![Speedup over PyTorch and fraction of the CPU's peak, by cell and shape]({image})"]
    rows = [row for part, written in PARTS.items() if part in result for row in written(result[part])]
    lines += [
        "",
        *table(["measurement", "threads", "Weft", "against", "its value", "ratio"], rows),
        "",
        *prose(
            f"**Method.** Measured on {facts['date']} with {processor['processors']} CPUs of {processor['name']}: Weft "
            f"{versions['weft']}, PyTorch {facts['pytorch']['version']} with oneDNN, Keras {versions['keras']}. Every "
            "ratio is a ratio of medians over runs that alternate on the same pinned CPUs. A layer's ratio is the "
            "geometric mean over shapes of batches from 1 to 128 and widths from 128 to 1,500, with the extremes; the "
            "picture shows every shape. The character model has two LSTM layers of 512 units; PyTorch uses the fastest "
            "of its variants. `make bench` repeats all of it."),
    ]
    if "layers" in result:
        lines += quietness(result["layers"])
    lines += ["", *prose(
        f"[All measured values]({details_link}), with machine and versions; [goals]({goals_link}) and which of them "
        "are met.")]
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
