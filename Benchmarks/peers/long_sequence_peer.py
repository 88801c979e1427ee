"""One training step of PyTorch on sequences of a given length, for the memory that its process reaches."""

import argparse

import torch

VOCABULARY = 96


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("steps", "batch", "hidden", "embedding"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    embedding = torch.nn.Embedding(VOCABULARY, options.embedding)
    layer = torch.nn.LSTM(options.embedding, options.hidden)
    output = torch.nn.Linear(options.hidden, VOCABULARY)
    tokens = torch.randint(VOCABULARY, (options.steps + 1, options.batch))
    outputs = output(layer(embedding(tokens[:-1]))[0])
    torch.nn.functional.cross_entropy(outputs.flatten(0, 1), tokens[1:].flatten()).backward()


if __name__ == "__main__":
    main()
