# The width and the learning rate of the classifier, by Hyperband of KerasTuner.
import keras
import keras_tuner
import pandas
from classify_keras import network, predict, read


def main():
    keras.utils.set_random_seed(1)
    classes = sorted(pandas.read_csv("movements.csv")["kind"].unique())
    inputs, targets = read("movements.csv", classes)
    tuner = keras_tuner.Hyperband(
        lambda choice: network(
            len(classes),
            choice.Choice("hidden", [8, 16, 32, 64]),
            choice.Float("learning_rate", 0.0003, 0.03, sampling="log"),
        ),
        objective="val_accuracy", max_epochs=9, factor=3, seed=1, directory="tuner",
    )
    tuner.search(inputs, targets, validation_split=0.2, batch_size=16, epochs=20, verbose=2)
    predict(tuner.get_best_models()[0], "new_movements.csv", classes)


if __name__ == "__main__":
    main()
