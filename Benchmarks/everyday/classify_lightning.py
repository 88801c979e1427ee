# Classes of sequences from a table.
import lightning
import pandas
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader


class Classifier(lightning.LightningModule):
    def __init__(self, classes, hidden=32, learning_rate=0.01):
        super().__init__()
        self.save_hyperparameters()
        self.gru = nn.GRU(2, hidden, batch_first=True)
        self.output = nn.Linear(hidden, classes)

    def forward(self, inputs, lengths):
        packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.output(outputs.sum(1) / lengths[:, None])

    def training_step(self, batch):
        inputs, lengths, targets = batch
        return functional.cross_entropy(self(inputs, lengths), targets)

    def validation_step(self, batch):
        inputs, lengths, targets = batch
        self.log("accuracy", (self(inputs, lengths).argmax(1) == targets).float().mean())

    def predict_step(self, batch):
        inputs, lengths, _ = batch
        return self(inputs, lengths).argmax(1)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.learning_rate)


def read(file, classes):
    groups = [group for _, group in pandas.read_csv(file).groupby("sequence", sort=False)]
    inputs = [torch.tensor(group[["x", "y"]].to_numpy("float32")) for group in groups]
    targets = [classes.index(group["kind"].iloc[0]) if "kind" in group else 0 for group in groups]
    return list(zip(inputs, targets))


def collate(examples):
    inputs, targets = zip(*examples)
    return pad_sequence(inputs, batch_first=True), torch.tensor([len(x) for x in inputs]), torch.tensor(targets)


def loader(examples, shuffle=False):
    return DataLoader(examples, batch_size=16, shuffle=shuffle, collate_fn=collate)


def predict(trainer, model, file, classes):
    predicted = torch.cat(trainer.predict(model, loader(read(file, classes))))
    pandas.DataFrame({"predicted_class": [classes[k] for k in predicted]}).to_csv("predictions.csv", index=False)


def main():
    lightning.seed_everything(1)
    classes = sorted(pandas.read_csv("movements.csv")["kind"].unique())
    examples = read("movements.csv", classes)
    model = Classifier(len(classes))
    trainer = lightning.Trainer(max_epochs=20, accelerator="cpu")
    trainer.fit(model, loader(examples[:320], shuffle=True), loader(examples[320:]))
    trainer.save_checkpoint("classify.ckpt")
    predict(trainer, model, "new_movements.csv", classes)


if __name__ == "__main__":
    main()
