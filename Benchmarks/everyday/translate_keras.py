# Dates in words into their standard form, with attention.
import csv

import keras
import numpy as np

BEGIN, END = "\t", "\n"


def encode(texts, letters, longest):
    """Zero pads."""
    index = {letter: number + 1 for number, letter in enumerate(letters)}
    return keras.utils.pad_sequences([[index[c] for c in text] for text in texts], maxlen=longest, padding="post")


def network(sources, targets):
    source, target = keras.Input((None,)), keras.Input((None,))
    embedded = keras.layers.Embedding(sources + 1, 32, mask_zero=True)(source)
    memory, forward, backward = keras.layers.Bidirectional(
        keras.layers.GRU(64, return_sequences=True, return_state=True)
    )(embedded)
    state = keras.layers.Dense(64, activation="tanh")(keras.layers.Concatenate()([forward, backward]))
    decoded = keras.layers.Embedding(targets + 1, 32, mask_zero=True)(target)
    decoded = keras.layers.GRU(64, return_sequences=True)(decoded, initial_state=state)
    context = keras.layers.Attention()([keras.layers.Dense(128)(decoded), memory])
    outputs = keras.layers.Dense(targets + 1)(keras.layers.Concatenate()([decoded, context]))
    return keras.Model([source, target], outputs)


def main():
    keras.utils.set_random_seed(1)
    sources, targets = zip(*csv.reader(open("dates.tsv"), delimiter="\t"))
    targets = [BEGIN + target + END for target in targets]
    source_letters, target_letters = sorted(set("".join(sources))), sorted(set("".join(targets)))
    longest, longest_target = max(map(len, sources)), max(map(len, targets))
    inputs = encode(sources, source_letters, longest)
    tokens = encode(targets, target_letters, longest_target)
    model = network(len(source_letters), len(target_letters))
    model.compile(
        optimizer=keras.optimizers.Adam(0.005, clipnorm=1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
    )
    model.fit([inputs, tokens[:, :-1]], tokens[:, 1:], batch_size=32, epochs=12, verbose=2)
    new = encode(open("new_dates.txt").read().splitlines(), source_letters, longest)
    written = np.zeros((len(new), longest_target - 1), int)
    written[:, 0] = target_letters.index(BEGIN) + 1
    for step in range(1, longest_target - 1):
        logits = model.predict([new, written], verbose=0)
        written[:, step] = logits[:, step - 1].argmax(1)
    with open("translations.txt", "w") as file:
        for row in written:
            text = "".join(target_letters[token - 1] for token in row[1:] if token > 0)
            print(text.split(END)[0], file=file)


if __name__ == "__main__":
    main()
