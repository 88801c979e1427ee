# A training that is killed twice, and goes on where it was.
import lightning
import pandas
from classify_lightning import Classifier, loader, predict, read


def main():
    lightning.seed_everything(1)
    classes = sorted(pandas.read_csv("movements.csv")["kind"].unique())
    examples = read("movements.csv", classes)
    model = Classifier(len(classes))
    checkpoints = lightning.pytorch.callbacks.ModelCheckpoint("resumed", save_last=True)
    trainer = lightning.Trainer(max_epochs=20, accelerator="cpu", callbacks=[checkpoints])
    trainer.fit(model, loader(examples[:320], shuffle=True), loader(examples[320:]), ckpt_path="last")
    predict(trainer, model, "new_movements.csv", classes)


if __name__ == "__main__":
    main()
