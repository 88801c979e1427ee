# Other classes, from few examples and the classifier's frozen layer.
import lightning
import pandas
from classify_lightning import Classifier, loader, predict, read
from torch import nn


def main():
    lightning.seed_everything(1)
    classes = sorted(pandas.read_csv("other_movements.csv")["kind"].unique())
    examples = read("other_movements.csv", classes)
    model = Classifier.load_from_checkpoint("classify.ckpt")
    model.output = nn.Linear(model.output.in_features, len(classes))
    model.gru.requires_grad_(False)
    trainer = lightning.Trainer(max_epochs=20, accelerator="cpu", log_every_n_steps=5)
    trainer.fit(model, loader(examples[:72], shuffle=True), loader(examples[72:]))
    predict(trainer, model, "new_other_movements.csv", classes)


if __name__ == "__main__":
    main()
