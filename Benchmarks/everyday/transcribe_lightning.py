# Digits in recordings, learned from unaligned transcripts.
import csv
import json

import lightning
import numpy as np
import torch
from scipy.io import wavfile
from scipy.signal import spectrogram
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader


class Transcriber(lightning.LightningModule):
    def __init__(self, bands, mean, deviation):
        super().__init__()
        self.mean, self.deviation = mean, deviation
        self.lstm = nn.LSTM(bands, 64, bidirectional=True, batch_first=True)
        self.output = nn.Linear(128, 11)

    def forward(self, inputs, lengths):
        inputs = (inputs - self.mean) / self.deviation
        packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.output(outputs).log_softmax(2)

    def training_step(self, batch):
        inputs, lengths, targets, target_lengths = batch
        outputs = self(inputs, lengths).transpose(0, 1)
        return functional.ctc_loss(outputs, targets, lengths, target_lengths)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.005)


def features(path):
    rate, samples = wavfile.read(path)
    _, _, power = spectrogram(samples / 32768, rate, nperseg=200, noverlap=120)
    return torch.tensor(np.log(power.T + 1e-10), dtype=torch.float32)


def collate(examples):
    inputs, targets = zip(*examples)
    return (
        pad_sequence(inputs, batch_first=True), torch.tensor([len(x) for x in inputs]),
        torch.cat(targets), torch.tensor([len(y) for y in targets]),
    )


def greedy(outputs):
    """The digits of the most probable path: repetitions once, blanks left out."""
    path = torch.unique_consecutive(outputs.argmax(1))
    return "".join(str(label - 1) for label in path.tolist() if label > 0)


def main():
    lightning.seed_everything(1)
    examples = [
        (features(path), torch.tensor([int(digit) + 1 for digit in text]))
        for path, text in csv.reader(open("sounds.tsv"), delimiter="\t")
    ]
    frames = torch.cat([inputs for inputs, _ in examples])
    model = Transcriber(frames.shape[1], frames.mean(0), frames.std(0))
    trainer = lightning.Trainer(max_epochs=15, gradient_clip_val=1, accelerator="cpu")
    trainer.fit(model, DataLoader(examples, batch_size=8, shuffle=True, collate_fn=collate))
    model.eval()
    with torch.inference_mode(), open("transcripts.jsonl", "w") as file:
        for path in open("new_sounds.tsv").read().split():
            inputs = features(path)
            text = greedy(model(inputs[None], torch.tensor([len(inputs)]))[0])
            print(json.dumps({"file": path, "text": text}), file=file)


if __name__ == "__main__":
    main()
