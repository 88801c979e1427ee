# Dates in words into their standard form, with attention.
import csv

import lightning
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

PAD, BEGIN, END = 0, 1, 2


class Translator(lightning.LightningModule):
    def __init__(self, sources, targets):
        super().__init__()
        self.source_embedding = nn.Embedding(sources, 32, padding_idx=PAD)
        self.target_embedding = nn.Embedding(targets, 32, padding_idx=PAD)
        self.encoder = nn.GRU(32, 64, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(128, 64)
        self.decoder = nn.GRU(32, 64, batch_first=True)
        self.query = nn.Linear(64, 128)
        self.output = nn.Linear(64 + 128, targets)

    def encode(self, sources):
        memory, state = self.encoder(self.source_embedding(sources))
        return memory, torch.tanh(self.bridge(torch.cat([state[0], state[1]], 1)))[None]

    def decode(self, targets, state, memory, sources):
        outputs, state = self.decoder(self.target_embedding(targets), state)
        scores = self.query(outputs) @ memory.transpose(1, 2)
        scores = scores.masked_fill((sources == PAD)[:, None], -torch.inf)
        context = scores.softmax(2) @ memory
        return self.output(torch.cat([outputs, context], 2)), state

    def training_step(self, batch):
        sources, targets = batch
        memory, state = self.encode(sources)
        logits, _ = self.decode(targets[:, :-1], state, memory, sources)
        return functional.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=PAD)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.005)

    @torch.inference_mode()
    def translate(self, sources, longest=20):
        memory, state = self.encode(sources)
        tokens = torch.full((len(sources), 1), BEGIN)
        written = []
        for _ in range(longest):
            logits, state = self.decode(tokens, state, memory, sources)
            tokens = logits.argmax(2)
            written.append(tokens)
        return torch.cat(written, 1)


class Vocabulary:
    def __init__(self, texts):
        self.letters = ["", "", ""] + sorted(set("".join(texts)))
        self.index = {letter: number for number, letter in enumerate(self.letters)}

    def encode(self, text):
        return torch.tensor([BEGIN, *(self.index[letter] for letter in text), END])

    def decode(self, tokens):
        tokens = tokens.tolist()
        end = tokens.index(END) if END in tokens else len(tokens)
        return "".join(self.letters[token] for token in tokens[:end])


def collate(examples):
    return [pad_sequence(side, batch_first=True, padding_value=PAD) for side in zip(*examples)]


def main():
    lightning.seed_everything(1)
    pairs = list(csv.reader(open("dates.tsv"), delimiter="\t"))
    source_vocabulary, target_vocabulary = (Vocabulary(side) for side in zip(*pairs))
    examples = [(source_vocabulary.encode(source), target_vocabulary.encode(target)) for source, target in pairs]
    model = Translator(len(source_vocabulary.letters), len(target_vocabulary.letters))
    trainer = lightning.Trainer(max_epochs=12, gradient_clip_val=1, accelerator="cpu")
    trainer.fit(model, DataLoader(examples, batch_size=32, shuffle=True, collate_fn=collate))
    lines = open("new_dates.txt").read().splitlines()
    sources = pad_sequence([source_vocabulary.encode(line) for line in lines], batch_first=True, padding_value=PAD)
    with open("translations.txt", "w") as file:
        for tokens in model.eval().translate(sources):
            print(target_vocabulary.decode(tokens), file=file)


if __name__ == "__main__":
    main()
