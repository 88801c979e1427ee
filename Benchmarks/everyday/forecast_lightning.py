# A year of a monthly series, with intervals of 80%.
import lightning
import pandas
import torch
from torch import nn
from torch.utils.data import DataLoader

LEVELS = torch.tensor([0.1, 0.5, 0.9])


class Forecaster(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 32, batch_first=True)
        self.output = nn.Linear(32, 12 * 3)

    def forward(self, context):
        """Quantiles of the changes from the last value, relative to it."""
        level = context[:, -1:]
        outputs, _ = self.gru((context / level - 1)[..., None])
        changes = self.output(outputs[:, -1]).unflatten(1, (12, 3))
        return level[..., None] * (1 + changes)

    def loss(self, windows):
        context, targets = windows[:, :24], windows[:, 24:]
        errors = (targets[..., None] - self(context)) / context[:, -1:, None]
        return torch.maximum(LEVELS * errors, (LEVELS - 1) * errors).mean()

    def training_step(self, windows):
        return self.loss(windows)

    def validation_step(self, windows):
        self.log("loss", self.loss(windows))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.003)


def main():
    lightning.seed_everything(1)
    series = torch.tensor(pandas.read_csv("sales.csv")["sales"].to_numpy("float32"))
    training, validation = series[:192].unfold(0, 36, 1), series[168:].unfold(0, 36, 1)
    best = lightning.pytorch.callbacks.ModelCheckpoint(monitor="loss")
    trainer = lightning.Trainer(max_epochs=150, accelerator="cpu", callbacks=[best], log_every_n_steps=5)
    model = Forecaster()
    trainer.fit(model, DataLoader(training, batch_size=32, shuffle=True), DataLoader(validation, batch_size=64))
    model = Forecaster.load_from_checkpoint(best.best_model_path)
    with torch.inference_mode():
        quantiles = model.eval()(series[None, -24:])[0]
    pandas.DataFrame(quantiles.numpy(), columns=["low", "median", "high"]).to_csv("forecast.csv", index=False)


if __name__ == "__main__":
    main()
