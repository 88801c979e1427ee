# The width and the learning rate of the classifier, by successive halving: Optuna prunes.
import lightning
import optuna
import pandas
from classify_lightning import Classifier, loader, predict, read
from optuna.integration import PyTorchLightningPruningCallback


def main():
    classes = sorted(pandas.read_csv("movements.csv")["kind"].unique())
    examples = read("movements.csv", classes)

    def accuracy(trial):
        lightning.seed_everything(1)
        model = Classifier(
            len(classes),
            trial.suggest_categorical("hidden", [8, 16, 32, 64]),
            trial.suggest_float("learning_rate", 0.0003, 0.03, log=True),
        )
        trainer = lightning.Trainer(
            max_epochs=20, accelerator="cpu", callbacks=[PyTorchLightningPruningCallback(trial, monitor="accuracy")],
        )
        trainer.fit(model, loader(examples[:320], shuffle=True), loader(examples[320:]))
        trainer.save_checkpoint(f"trial-{trial.number}.ckpt")
        return trainer.callback_metrics["accuracy"].item()

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1),
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=3, reduction_factor=3),
    )
    study.optimize(accuracy, n_trials=9)
    best = Classifier.load_from_checkpoint(f"trial-{study.best_trial.number}.ckpt")
    predict(lightning.Trainer(accelerator="cpu"), best, "new_movements.csv", classes)


if __name__ == "__main__":
    main()
