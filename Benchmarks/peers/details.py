"""Writes every measured value as a page of Markdown."""

import shapes
from layers import geometric_mean, shape_of
from tables import CELL_NAMES, prose, quietness, table


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


def layers(result):
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
    "bfloat16": bfloat16, "character_model": character_model, "generation": generation,
    "long_sequences": long_sequences, "data": data, "large_dataset": large_dataset}


def markdown(result, page_link):
    lines = [
        "# Benchmark details",
        "",
        *prose(
            f"All measurements behind the [benchmarks]({page_link}). `Benchmarks/peers/run_all.py` measures and writes "
            "this page."),
        "",
        *machine(result["machine"]),
    ]
    if "layers" in result:
        lines += ["", *layers(result["layers"])]
    for part, section in PARTS.items():
        if part in result:
            lines += ["", *section(result[part])]
    return "\n".join(lines) + "\n"
