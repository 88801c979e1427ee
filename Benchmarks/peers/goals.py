"""Weft's performance targets relative to its peers, and whether a result meets them."""

from dataclasses import dataclass, field

from layers import geometric_mean, shape_of

PEAK_FOR_LSTM = 0.88
# Nothing can be 1.3 times as fast as a peer that is near the peak itself.
NEAR_PEAK = 0.90
LEAST_RATIO = 1.3
MEAN_RATIO = 2.0
TWO_THREADS = 1.93
TILE_RATIO = 2.5
BFLOAT16_RATIO = 1.5
EMULATED_RATIO = 0.8
CHARACTER_RATIO = 2.2
CHARACTER_MEMORY = 0.35
GENERATION_RATIO = 1.5
LONG_RATIO = 1.4
DATA_RATIOS = {("gzip 4, shuffle", "shuffled"): 30, ("gzip 4, shuffle", "in order"): 3.5, ("uncompressed", "shuffled"): 20}


@dataclass(frozen=True)
class Goal:
    name: str
    # None if it was not measured.
    met: bool | None
    found: str
    # The cases that miss the goal.
    missed: list[str] = field(default_factory=list)

    def __str__(self):
        mark = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
        missed = "; missed: " + ", ".join(self.missed) if self.missed else ""
        return f"[{mark}] {self.name}: {self.found}{missed}"


def label(row):
    return f"{row['cell']} {shape_of(row)} x{row['threads']}"


def each_at_least(name, found, least, form):
    """A goal for all of `found`, pairs of a label and a value; lists those that miss it."""
    if not found:
        return Goal(name, None, "-")
    missed = [(what, value) for what, value in found if value < least]
    worst = min(found, key=lambda pair: pair[1])
    text = f"{len(found) - len(missed)} of {len(found)}; minimum {form(worst[1])} ({worst[0]})"
    return Goal(name, not missed, text, [f"{what} {form(value)}" for what, value in missed])


def percent(value):
    return f"{100 * value:.1f}%"


def times(value):
    return f"{value:.2f}x"


def fast_enough(name, rows):
    """Faster than PyTorch, or near the peak."""
    if not rows:
        return Goal(name, None, "-")
    missed = [
        row for row in rows if row["ratio"] < LEAST_RATIO and row["weft_fraction_of_peak"] < NEAR_PEAK]
    return Goal(
        name, not missed, f"{len(rows) - len(missed)} of {len(rows)}",
        [f"{label(row)} {times(row['ratio'])}, {percent(row['weft_fraction_of_peak'])}" for row in missed])


def of_layers(result):
    rows, speedups = result["rows"], result["speedups"]
    yield each_at_least(
        f"LSTM, H >= 256, 1 thread: at least {percent(PEAK_FOR_LSTM)} of the peak",
        [(label(row), row["weft_fraction_of_peak"]) for row in rows
         if row["cell"] == "lstm" and row["hidden"] >= 256 and row["threads"] == 1],
        PEAK_FOR_LSTM, percent)
    alternative = f"{LEAST_RATIO}x PyTorch or {percent(NEAR_PEAK)} of the peak"
    yield fast_enough(f"LSTM, every shape, 1 and 2 threads: {alternative}", [r for r in rows if r["cell"] == "lstm"])
    others = [row for row in rows if row["cell"] != "lstm"]
    for name, cells in (("GRU", ("gru", "gru-reset-after")), ("RNN", ("rnn",))):
        ratios = [row["ratio"] for row in others if row["cell"] in cells]
        mean = geometric_mean(ratios)
        yield Goal(
            f"{name}: geometric mean at least {MEAN_RATIO}x PyTorch", mean >= MEAN_RATIO if ratios else None,
            times(mean))
    yield fast_enough(f"GRU and RNN, every shape: {alternative}", others)
    yield each_at_least(
        f"2 threads vs. 1, B >= 16: at least {TWO_THREADS}x",
        [(label(row), row["weft"]) for row in speedups if row["batch"] >= 16], TWO_THREADS, times)


def of_bfloat16(result):
    """By the unit that multiplies."""
    rows, sets = result["rows"], result["instruction_sets"]
    own = [(label(row), row["float32_ratio"]) for row in rows]
    wide = [(label(row), row["float32_ratio"]) for row in rows if row["hidden"] >= 512]
    has_tiles, has_vectors = "amx_tile" in sets, "avx512_bf16" in sets
    pytorch = [(label(row), row["ratio"]) for row in rows]
    mean = geometric_mean(ratio for _, ratio in pytorch)
    yield Goal(
        f"bfloat16, AMX: geometric mean at least {TILE_RATIO}x PyTorch's fastest mode",
        mean >= TILE_RATIO if has_tiles else None, times(mean) if has_tiles else "-")
    yield each_at_least(
        f"bfloat16, AVX512_BF16, H >= 512: at least {BFLOAT16_RATIO}x own float32",
        wide if has_vectors and not has_tiles else [], BFLOAT16_RATIO, times)
    yield each_at_least(
        f"bfloat16, emulated: at least {EMULATED_RATIO}x own float32",
        own if sets and not has_vectors and not has_tiles else [], EMULATED_RATIO, times)


def of_character_model(result):
    rows = {(row["system"], row["threads"]): row for row in result["rows"] if "error" not in row}
    weft, pytorch = rows.get(("Weft", 2)), rows.get(("PyTorch", 2))
    speed = f"Character model, 2 threads: at least {CHARACTER_RATIO}x PyTorch's tokens/s"
    memory = f"Character model: at most {CHARACTER_MEMORY}x PyTorch's peak memory"
    if not weft or not pytorch:
        yield Goal(speed, None, "-")
        yield Goal(memory, None, "-")
        return
    ratio = weft["tokens_per_second"] / pytorch["tokens_per_second"]
    yield Goal(speed, ratio >= CHARACTER_RATIO, times(ratio))
    # The goal refers to the build with the lowest memory use, the one without the CUDA libraries.
    builds = [row for (name, threads), row in rows.items() if name.startswith("PyTorch") and threads == 2]
    least = min(builds, key=lambda row: row["peak_bytes"])
    share = weft["peak_bytes"] / least["peak_bytes"]
    yield Goal(memory, share <= CHARACTER_MEMORY, f"{times(share)} ({least['system']} {least['version']})")


def of_generation(result):
    yield Goal(
        f"Generation, batch 1: at least {GENERATION_RATIO}x PyTorch's fastest variant",
        result["ratio"] >= GENERATION_RATIO, times(result["ratio"]))


def of_long_sequences(result):
    yield Goal(
        f"{result['length']:,} time steps: at most {LONG_RATIO}x the time per step of short sequences",
        result["ratio"] <= LONG_RATIO, times(result["ratio"]))
    yield Goal(
        f"{result['length']:,} time steps: within {result['budget_bytes'] / 2**20:.0f} MiB",
        result["weft_peak_bytes"] <= result["budget_bytes"], f"{result['weft_peak_bytes'] / 2**20:.0f} MiB")


def of_data(result):
    ratios = {(row["storage"], row["order"]): row["ratio"] for row in result["rows"]}
    for (storage, order), least in DATA_RATIOS.items():
        ratio = ratios.get((storage, order))
        yield Goal(
            f"Reading {storage}, {order}: at least {least}x h5py", None if ratio is None else ratio >= least,
            "-" if ratio is None else times(ratio))


def of_large_dataset(result):
    name = f"One shuffled epoch over {result['bytes'] / 1e9:.0f} GB, compressed"
    yield Goal(
        f"{name}: at most {result['memory_limit'] / 2**20:.0f} MiB",
        result["peak_bytes"] <= result["memory_limit"], f"{result['peak_bytes'] / 2**20:.0f} MiB")
    yield Goal(
        f"{name}: waiting for data below {percent(result['waiting_limit'])} of the time",
        result["waiting_share"] < result["waiting_limit"], percent(result["waiting_share"]))


PARTS = {
    "layers": of_layers,
    "bfloat16": of_bfloat16,
    "character_model": of_character_model,
    "generation": of_generation,
    "long_sequences": of_long_sequences,
    "data": of_data,
    "large_dataset": of_large_dataset,
}


def check(result):
    sets = result["machine"]["processor"]["instruction_sets"]
    parts = {part: result[part] | {"instruction_sets": sets} for part in PARTS if part in result}
    return [goal for part, values in parts.items() for goal in PARTS[part](values)]
