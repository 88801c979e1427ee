"""One peer's character model, timed in a process of its own.

Embedding 128, two LSTM layers of 512, softmax over the vocabulary; windows of a token stream, each begun anew;
Adam, gradients clipped to norm 1. Prints {"tokens_per_second", "import_bytes"}: the median over `--repeats` blocks
of `--steps` optimizer steps, after a block that is not counted.
"""

import argparse
import json
import os
import resource
import statistics
import time

EMBEDDING, HIDDEN, LAYERS, CLIP, LEARNING_RATE = 128, 512, 2, 1.0, 0.001


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def batches(options):
    """Inputs and targets as [steps, batch, window], of the file that Weft trains on too."""
    import h5py
    import numpy

    with h5py.File(options.data) as file:
        tokens = file["train/tokens"][:]
        vocabulary = len(file["vocabulary"])
    count = options.steps * options.batch
    starts = (numpy.arange(count) * options.window) % (len(tokens) - options.window - 1)
    windows = tokens[starts[:, None] + numpy.arange(options.window + 1)]
    windows = windows.reshape(options.steps, options.batch, options.window + 1)
    return windows[:, :, :-1], windows[:, :, 1:], vocabulary


def pytorch(options):
    import torch

    torch.set_num_threads(options.threads)
    imported = peak_bytes()
    inputs, targets, vocabulary = batches(options)

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(vocabulary, EMBEDDING)
            self.layers = torch.nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
            self.output = torch.nn.Linear(HIDDEN, vocabulary)

        def forward(self, tokens):
            return self.output(self.layers(self.embedding(tokens))[0])

    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    # Time-major, the order that PyTorch's LSTM computes in.
    inputs = torch.from_numpy(inputs.astype("int64")).transpose(1, 2).contiguous()
    targets = torch.from_numpy(targets.astype("int64")).transpose(1, 2).contiguous()

    def block():
        for step in range(options.steps):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bfloat16"):
                outputs = model(inputs[step])
            outputs = outputs.float()
            torch.nn.functional.cross_entropy(outputs.flatten(0, 1), targets[step].flatten()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()

    block()
    times = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        block()
        times.append(time.perf_counter() - start)
    return times, imported, torch.__version__


def keras(options):
    os.environ["KERAS_BACKEND"] = options.peer.removeprefix("keras-")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    if options.peer == "keras-tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(options.threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(options.threads)
        version = tensorflow.__version__
    else:
        import jax

        # The CPU backend has as many threads as the process may use processors.
        version = jax.__version__
    imported = peak_bytes()
    inputs, targets, vocabulary = batches(options)
    model = keras.Sequential([
        keras.Input((options.window,), dtype="int32"),
        keras.layers.Embedding(vocabulary, EMBEDDING),
        *[keras.layers.LSTM(HIDDEN, return_sequences=True) for _ in range(LAYERS)],
        keras.layers.Dense(vocabulary),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE, global_clipnorm=CLIP),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    class Clock(keras.callbacks.Callback):
        """An epoch ends when its mean loss is known, so nothing of it is still being computed."""

        times = []

        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.times.append(time.perf_counter() - self.start)

    clock = Clock()
    flat = (-1, options.window)
    model.fit(
        inputs.reshape(flat).astype("int32"), targets.reshape(flat).astype("int32"), batch_size=options.batch,
        epochs=options.repeats + 1, shuffle=False, verbose=0, callbacks=[clock])
    return clock.times[1:], imported, f"{keras.__version__} with {options.peer.removeprefix('keras-')} {version}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=["pytorch", "keras-jax", "keras-tensorflow"])
    parser.add_argument("--data", required=True, help="HDF5 file of tokens")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32",
                        help="PyTorch's automatic mixed precision (default: float32)")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    times, imported, version = (pytorch if options.peer == "pytorch" else keras)(options)
    tokens = options.steps * options.batch * options.window
    print(json.dumps({
        "tokens_per_second": tokens / statistics.median(times),
        "import_bytes": imported,
        "version": version,
    }))


if __name__ == "__main__":
    main()
