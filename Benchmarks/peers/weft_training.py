"""Character models trained by `weft train`, on a token stream made for the purpose."""

from pathlib import Path

from processes import WEFT, CommandFailed, run

# One line feed and the printable characters of ASCII: 96 tokens.
VOCABULARY = ["\n"] + [chr(code) for code in range(32, 127)]

CONFIGURATION = """\
data:
  file: {data}
  window: {window}
model:
  cell: lstm
  layers: {layers}
  hidden: {hidden}
  embedding: {embedding}
training:
  batch: {batch}
  steps: {steps}
  clip_norm: 1
  memory_budget: {memory_budget}
  precision: {precision}
  log_every: 1000000
optimizer:
  kind: adam
  learning_rate: 0.001
"""


def write_tokens(path, count, seed=1):
    """A stream of `count` random tokens with some structure, so that a model has something to learn."""
    import h5py
    import numpy

    generator = numpy.random.default_rng(seed)
    steps = generator.integers(1, 6, count)
    tokens = (numpy.cumsum(steps) % len(VOCABULARY)).astype("uint8")
    with h5py.File(path, "w") as file:
        file.create_dataset("train/tokens", data=tokens, chunks=(min(count, 65536),))
        file.create_dataset("vocabulary", data=VOCABULARY, dtype=h5py.string_dtype())
        file.attrs["unit"] = "character"


class CharacterTraining:
    """A configuration that is trained for a given number of steps, in a folder of its own."""

    def __init__(self, folder, data, *, window=100, batch=64, layers=2, hidden=512, embedding=128, memory_budget=0,
                 precision="float32"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings = dict(
            data=Path(data).resolve(), window=window, batch=batch, layers=layers, hidden=hidden,
            embedding=embedding, memory_budget=memory_budget, precision=precision)
        self.runs = 0

    def train(self, steps, threads):
        """The process that trained, and its run's folder."""
        self.runs += 1
        output = self.folder / f"run-{self.runs}"
        configuration = self.folder / f"run-{self.runs}.yaml"
        configuration.write_text(CONFIGURATION.format(steps=steps, **self.settings))
        return run([WEFT, "train", configuration, "--threads", threads, "--output", output], threads), output

    def speed(self, steps, threads, start_steps=2):
        """Tokens a second, from the difference of two lengths: start-up and the last checkpoint drop out."""
        short, _ = self.train(start_steps, threads)
        long, output = self.train(start_steps + steps, threads)
        if long.seconds <= short.seconds:
            raise CommandFailed(
                f"{start_steps} steps took {short.seconds:.2f} s and {start_steps + steps} took {long.seconds:.2f} s: "
                "the machine is too busy to tell a speed")
        tokens = steps * self.settings["batch"] * self.settings["window"]
        return {
            "tokens_per_second": tokens / (long.seconds - short.seconds),
            "peak_bytes": long.peak_bytes,
            "run": str(output),
        }
