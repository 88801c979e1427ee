# Classes of sequences from a table.
import keras
import numpy as np
import pandas


def read(file, classes):
    groups = [group for _, group in pandas.read_csv(file).groupby("sequence", sort=False)]
    inputs = keras.utils.pad_sequences(
        [group[["x", "y"]].to_numpy() for group in groups], maxlen=60, dtype="float32", padding="post"
    )
    targets = [classes.index(group["kind"].iloc[0]) if "kind" in group else 0 for group in groups]
    return inputs, np.array(targets)


def network(classes, hidden=32, learning_rate=0.01):
    model = keras.Sequential([
        keras.Input((60, 2)),
        keras.layers.Masking(),
        keras.layers.GRU(hidden, return_sequences=True),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(classes),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def predict(model, file, classes):
    predicted = model.predict(read(file, classes)[0]).argmax(1)
    pandas.DataFrame({"predicted_class": [classes[k] for k in predicted]}).to_csv("predictions.csv", index=False)


def main():
    keras.utils.set_random_seed(1)
    classes = sorted(pandas.read_csv("movements.csv")["kind"].unique())
    inputs, targets = read("movements.csv", classes)
    model = network(len(classes))
    model.fit(inputs, targets, validation_split=0.2, batch_size=16, epochs=20, verbose=2)
    model.save("classify.keras")
    predict(model, "new_movements.csv", classes)


if __name__ == "__main__":
    main()
