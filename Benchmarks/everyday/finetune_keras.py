# Other classes, from few examples and the classifier's frozen layer.
import keras
import pandas
from classify_keras import network, predict, read


def main():
    keras.utils.set_random_seed(1)
    classes = sorted(pandas.read_csv("other_movements.csv")["kind"].unique())
    trained = keras.models.load_model("classify.keras")
    model = network(len(classes))
    model.layers[1].set_weights(trained.layers[1].get_weights())
    model.layers[1].trainable = False
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(*read("other_movements.csv", classes), validation_split=0.2, batch_size=16, epochs=20, verbose=2)
    predict(model, "new_other_movements.csv", classes)


if __name__ == "__main__":
    main()
