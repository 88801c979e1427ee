"""What each task must have reached, from the files that its program left."""

import csv
import json
import math

import h5py


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def text(folder, truth):
    bits = json.loads((folder / "metrics.json").read_text())["bits_per_token"]
    written = (folder / "text.txt").read_text()
    known = set((folder / "plays.txt").read_text())
    return bits <= 3.3 and len(written) >= 300 and known.issuperset(written), f"{bits:.2f} bits per character"


def accuracy(folder, truth, name, least=0.9):
    found = [row["predicted_class"] for row in rows(folder / "predictions.csv")]
    wanted = [row["kind"] for row in rows(truth / name)]
    share = sum(a == b for a, b in zip(found, wanted, strict=True)) / len(wanted)
    return share >= least, f"{100 * share:.0f}% right"


def classify(folder, truth):
    return accuracy(folder, truth, "new_movements.csv")


def finetune(folder, truth):
    return accuracy(folder, truth, "new_other_movements.csv")


def resume(folder, truth):
    """As the classifier; Weft also has the bits of its run that was not killed."""
    met, found = accuracy(folder, truth, "new_movements.csv")
    if (folder / "runs").exists():
        name = "weights/layer0/forward/recurrent_weights"
        weights = [h5py.File(folder / f"runs/{run}/best.h5")[name][:].tobytes() for run in ("classify", "resumed")]
        met &= weights[0] == weights[1]
        found += ", the same bits"
    return met, found


def forecast(folder, truth):
    """Better than the value a year before plus the growth of that year; and 8 to 12 values within the intervals."""
    if (folder / "forecast.json").exists():
        found = json.loads((folder / "forecast.json").read_text())
        low, high = found["quantiles"][0], found["quantiles"][-1]
        quantiles = [(a[0], b[0], c[0]) for a, b, c in zip(low, found["median"], high)]
    else:
        quantiles = [(float(r["low"]), float(r["median"]), float(r["high"])) for r in rows(folder / "forecast.csv")]
    values = [float(row["sales"]) for row in rows(truth / "sales.csv")]
    known = [float(row["sales"]) for row in rows(folder / "sales.csv")]
    growth = (sum(known[-12:]) - sum(known[-24:-12])) / 12
    baseline = sum(abs(y - x - growth) for y, x in zip(values, known[-12:], strict=True)) / 12
    error = sum(abs(y - q[1]) for y, q in zip(values, quantiles, strict=True)) / 12
    inside = sum(q[0] <= y <= q[2] for y, q in zip(values, quantiles))
    met = error <= 1.5 * baseline and inside >= 6 and all(q[0] <= q[2] for q in quantiles)
    return met, f"error {error:.1f}, {inside} of 12 inside"


def detect(folder, truth):
    """The probability that an anomalous step scores higher than a normal one."""
    labels = [int(row["label"]) for row in rows(truth / "watched.csv")]
    scored = [(float(row["score"]), labels[int(row["step"])]) for row in rows(folder / "scores.csv")]
    scored.sort()
    positive = sum(label for _, label in scored)
    ranks = sum(rank for rank, (_, label) in enumerate(scored, 1) if label)
    area = (ranks - positive * (positive + 1) / 2) / (positive * (len(scored) - positive))
    return area >= 0.7, f"ROC-AUC {area:.2f}"


def same_lines(found, wanted):
    share = sum(a == b for a, b in zip(found, wanted, strict=True)) / len(wanted)
    return share >= 0.9, f"{100 * share:.0f}% exact"


def transcribe(folder, truth):
    found = [json.loads(line)["text"] for line in (folder / "transcripts.jsonl").read_text().splitlines()]
    return same_lines(found, (truth / "new_sounds.tsv").read_text().split())


def translate(folder, truth):
    found = (folder / "translations.txt").read_text().splitlines()
    return same_lines(found, (truth / "new_dates.txt").read_text().splitlines())


def onnx(folder, truth):
    """The class of the first sequence, and where the classifier wrote probabilities, those."""
    logits = [float(word) for word in (folder / "logits.csv").read_text().split()]
    first = rows(folder / "predictions.csv")[0]
    same = "abcd"[logits.index(max(logits))] == first["predicted_class"]
    if "probability_a" in first:
        total = sum(map(math.exp, logits))
        same &= all(abs(math.exp(x) / total - float(first[f"probability_{c}"])) < 1e-4 for c, x in zip("abcd", logits))
    return same, "the same class"
