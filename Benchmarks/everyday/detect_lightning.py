# Anomalies of a sensor, by a model of good readings.
import lightning
import pandas
import torch
from torch import nn
from torch.utils.data import DataLoader


class Sensor(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.output = nn.Linear(32, 2)

    def forward(self, values):
        """The score of each step but the first: -ln of its density given those before."""
        outputs, _ = self.lstm(values[:, :-1, None])
        mean, log_deviation = self.output(outputs).unbind(2)
        return -torch.distributions.Normal(mean, log_deviation.exp()).log_prob(values[:, 1:])

    def training_step(self, windows):
        return self(windows).mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


def read(file):
    return torch.tensor(pandas.read_csv(file)["value"].to_numpy("float32"))


def main():
    lightning.seed_everything(1)
    good, watched = read("readings.csv"), read("watched.csv")
    mean, deviation = good.mean(), good.std()
    model = Sensor()
    trainer = lightning.Trainer(max_epochs=10, gradient_clip_val=1, accelerator="cpu")
    trainer.fit(model, DataLoader(((good - mean) / deviation).unfold(0, 101, 10), batch_size=16, shuffle=True))
    with torch.inference_mode():
        scores = model.eval()(((watched - mean) / deviation)[None])[0]
    pandas.DataFrame({"step": range(1, len(watched)), "score": scores.numpy()}).to_csv("scores.csv", index=False)


if __name__ == "__main__":
    main()
