"""The layers that are measured, and the operations of one training step."""

from dataclasses import dataclass

CELLS = ("lstm", "gru-reset-after", "gru", "rnn")
GATES = {"lstm": 4, "gru-reset-after": 3, "gru": 3, "rnn": 1}

# PyTorch's GRU applies the reset gate after the product. It has no other, so both are held against it.
PYTORCH_MODULE = {"lstm": "LSTM", "gru-reset-after": "GRU", "gru": "GRU", "rnn": "RNN"}


@dataclass(frozen=True)
class Shape:
    """T time steps, B sequences, I input features, H hidden units."""

    steps: int
    batch: int
    input: int
    hidden: int

    def __str__(self):
        return f"T{self.steps} B{self.batch} I{self.input} H{self.hidden}"

    def operations(self, cell):
        """3 · 2·T·B·G·H·(I + H): a forward and two backward products of every weight."""
        return 6 * self.steps * self.batch * GATES[cell] * self.hidden * (self.input + self.hidden)


GRID = (
    Shape(50, 64, 128, 128),
    Shape(50, 64, 256, 256),
    Shape(50, 32, 512, 512),
    Shape(100, 64, 512, 512),
    Shape(35, 20, 650, 650),
    Shape(50, 128, 1024, 1024),
    Shape(200, 16, 64, 128),
)

ODD = (
    Shape(50, 32, 200, 200),
    Shape(50, 32, 333, 333),
    Shape(100, 1, 256, 256),
    Shape(100, 5, 256, 256),
    Shape(100, 8, 256, 256),
    Shape(100, 32, 1, 128),
    Shape(100, 32, 13, 256),
    Shape(10, 32, 1500, 1500),
    Shape(1000, 16, 128, 128),
)

QUICK = (GRID[0], GRID[2], GRID[6])
