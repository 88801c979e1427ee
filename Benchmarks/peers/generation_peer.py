"""PyTorch's generation of text, one token at a time, timed in a process of its own.

The character model of character_peer.py; each token is drawn from the softmax, and is the next step's input, as
`weft generate` does. Tries the ways that PyTorch offers and prints the steps a second of each.
"""

import argparse
import json
import time

import torch

from character_peer import EMBEDDING, HIDDEN, LAYERS


class Modules(torch.nn.Module):
    """One step through torch.nn.LSTM."""

    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, EMBEDDING)
        self.layers = torch.nn.LSTM(EMBEDDING, HIDDEN, LAYERS)
        self.output = torch.nn.Linear(HIDDEN, vocabulary)
        self.initial = [torch.zeros(LAYERS, 1, HIDDEN), torch.zeros(LAYERS, 1, HIDDEN)]

    def forward(self, token, h, c):
        outputs, (h, c) = self.layers(self.embedding(token), (h, c))
        probabilities = torch.softmax(self.output(outputs)[0, 0], dim=-1)
        return torch.multinomial(probabilities, 1).view(1, 1), h, c


class Cells(torch.nn.Module):
    """One step through torch.nn.LSTMCell, which skips what a whole sequence would need."""

    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, EMBEDDING)
        self.first = torch.nn.LSTMCell(EMBEDDING, HIDDEN)
        self.second = torch.nn.LSTMCell(HIDDEN, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, vocabulary)
        self.initial = [torch.zeros(2, 1, HIDDEN), torch.zeros(2, 1, HIDDEN)]

    def forward(self, token, h, c):
        h1, c1 = self.first(self.embedding(token)[0], (h[0], c[0]))
        h2, c2 = self.second(h1, (h[1], c[1]))
        probabilities = torch.softmax(self.output(h2)[0], dim=-1)
        return torch.multinomial(probabilities, 1).view(1, 1), torch.stack((h1, h2)), torch.stack((c1, c2))


def ways(vocabulary):
    modules, cells = Modules(vocabulary).eval(), Cells(vocabulary).eval()
    yield "nn.LSTM", modules, torch.no_grad
    yield "nn.LSTM, inference mode", modules, torch.inference_mode
    yield "nn.LSTMCell, inference mode", cells, torch.inference_mode
    example = (torch.zeros(1, 1, dtype=torch.long), *cells.initial)
    with torch.no_grad():
        yield "nn.LSTM, frozen TorchScript", freeze(modules, example), torch.inference_mode
        yield "nn.LSTMCell, frozen TorchScript", freeze(cells, example), torch.inference_mode


def freeze(model, example):
    return torch.jit.freeze(torch.jit.trace(model, example, check_trace=False))


def steps_per_second(model, mode, initial, seconds):
    """A token becomes a number at every step, as text is written out at once."""
    token = torch.zeros(1, 1, dtype=torch.long)
    h, c = initial
    count = 0
    with mode():
        for _ in range(50):
            token, h, c = model(token, h, c)
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for _ in range(20):
                token, h, c = model(token, h, c)
                token.item()
            count += 20
        return count / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, default=96)
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    initial = Modules(options.vocabulary).initial
    result, failed = {}, {}
    for name, model, mode in ways(options.vocabulary):
        try:
            result[name] = steps_per_second(model, mode, initial, options.seconds)
        except RuntimeError as error:
            failed[name] = str(error).strip().splitlines()[-1]
    print(json.dumps({"steps_per_second": result, "failed": failed}))


if __name__ == "__main__":
    main()
