# A character model: bits per character of a new play, and new text.
import json
import math

import lightning
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader


class CharacterModel(lightning.LightningModule):
    def __init__(self, size):
        super().__init__()
        self.embedding = nn.Embedding(size, 32)
        self.lstm = nn.LSTM(32, 128, batch_first=True)
        self.output = nn.Linear(128, size)

    def forward(self, tokens, state=None):
        outputs, state = self.lstm(self.embedding(tokens), state)
        return self.output(outputs), state

    def loss(self, windows):
        logits, _ = self(windows[:, :-1])
        return functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())

    def training_step(self, windows):
        return self.loss(windows)

    def test_step(self, windows):
        self.log("loss", self.loss(windows))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.005)


def windows(text, index):
    return torch.tensor([index.get(letter, 0) for letter in text]).unfold(0, 101, 100)


def main():
    lightning.seed_everything(1)
    text = open("plays.txt").read()
    letters = sorted(set(text))
    index = {letter: number for number, letter in enumerate(letters)}
    model = CharacterModel(len(letters))
    trainer = lightning.Trainer(max_epochs=5, gradient_clip_val=1, accelerator="cpu")
    trainer.fit(model, DataLoader(windows(text, index), batch_size=32, shuffle=True))
    results = trainer.test(model, DataLoader(windows(open("play.txt").read(), index), batch_size=32))
    loss = results[0]["loss"]
    json.dump({"bits_per_token": loss / math.log(2)}, open("metrics.json", "w"))
    model.eval()
    tokens, state, written = torch.tensor([[index[letter] for letter in "The "]]), None, []
    with torch.inference_mode():
        for _ in range(300):
            logits, state = model(tokens, state)
            tokens = torch.multinomial(torch.softmax(logits[:, -1] / 0.8, 1), 1)
            written.append(letters[tokens.item()])
    open("text.txt", "w").write("".join(written))


if __name__ == "__main__":
    main()
