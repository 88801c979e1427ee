# A training that is killed twice, and goes on where it was.
import keras
import pandas
from classify_keras import network, predict, read


def main():
    keras.utils.set_random_seed(1)
    classes = sorted(pandas.read_csv("movements.csv")["kind"].unique())
    model = network(len(classes))
    backup = keras.callbacks.BackupAndRestore("resumed")
    model.fit(
        *read("movements.csv", classes), validation_split=0.2, batch_size=16, epochs=20, callbacks=[backup], verbose=2
    )
    predict(model, "new_movements.csv", classes)


if __name__ == "__main__":
    main()
