#!/usr/bin/env python3
"""Writes golden_metrics.h5: what sacreBLEU, jiwer and scikit-learn measure.

    python3 make_golden_metrics.py [FOLDER]     default: the folder of this script

Needs sacrebleu, jiwer, scikit-learn, h5py and NumPy.
"""

import pathlib
import random
import sys

import h5py
import jiwer
import numpy as np
import sacrebleu
from sklearn import metrics

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "In the beginning God created the heaven and the earth.",
    "It costs $1,234.50 (or 1.234,50 in Spain), doesn't it?",
    "En un lugar de la Mancha, de cuyo nombre no quiero acordarme...",
    "Well-known facts: A&amp;B &lt;tags&gt; &quot;quoted&quot; <skipped>text",
    "1990-1995 was a five-year plan; 3.14159 is pi, e is 2.71828.",
    "¿Dónde está la biblioteca? — ¡Allí! «cerca»",
    "Numbers: 1,2,3,.5 and .25, end,",
    "a/b c\\d [e] {f} ~g ^h `i` @j #k %l *m +n =o <p> |q| _r_",
    "smiling face with heart-eyes",
    "dash-\nbroken line\nand another",
    "one",
    "",
    "naïve café coöperate Å ångström",
    "trailing spaces and tabs\t \t",
    "no-break space and　ideographic space",
]
VOCABULARY = "the of and a in to it is that was he for on are as with his they I at , . ? 3.5 10,000 it's".split()


def mutated(words, rng):
    """Some words dropped, replaced, doubled or swapped."""
    result = []
    for word in words:
        luck = rng.random()
        if luck < 0.1:
            continue
        if luck < 0.2:
            word = rng.choice(VOCABULARY)
        result.append(word)
        if luck > 0.93:
            result.append(word)
    if len(result) > 2 and rng.random() < 0.4:
        place = rng.randrange(len(result) - 1)
        result[place], result[place + 1] = result[place + 1], result[place]
    return result


def put_text(group, name, texts):
    group.create_dataset(name, data=np.array(texts, dtype=object), dtype=h5py.string_dtype("utf-8"))


def bleu_case(file, name, texts, references, tokenize):
    """`references` holds a list of texts for each reference set."""
    result = sacrebleu.corpus_bleu(texts, references, tokenize=tokenize)
    group = file.create_group(name)
    group.attrs["tokenization"] = tokenize
    group.attrs["sets"] = np.int32(len(references))
    put_text(group, "texts", texts)
    for number, texts_of_set in enumerate(references):
        put_text(group, f"references{number}", texts_of_set)
    group["score"] = np.array([result.score])
    group["precisions"] = np.array(result.precisions)
    group["brevity_penalty"] = np.array([result.bp])
    group["lengths"] = np.array([result.sys_len, result.ref_len], dtype=np.int32)


def write_bleu(file):
    rng = random.Random(1)
    tokenizer = sacrebleu.metrics.bleu.BLEU(tokenize="13a").tokenizer
    group = file.create_group("tokenization")
    put_text(group, "texts", SENTENCES)
    put_text(group, "tokenized", [tokenizer(text.rstrip()) for text in SENTENCES])

    references = [" ".join(rng.choices(VOCABULARY, k=rng.randint(4, 25))) for _ in range(40)]
    others = [" ".join(mutated(text.split(), rng)) or "a" for text in references]
    texts = [" ".join(mutated(text.split(), rng)) for text in references]
    for tokenize in ("13a", "none"):
        bleu_case(file, f"bleu_one_{tokenize}", texts, [references], tokenize)
        bleu_case(file, f"bleu_two_{tokenize}", texts, [references, others], tokenize)
        bleu_case(file, f"bleu_equal_{tokenize}", SENTENCES, [SENTENCES], tokenize)
    short = [" ".join(text.split()[:3]) for text in texts]
    bleu_case(file, "bleu_short", short, [references], "13a")
    bleu_case(file, "bleu_smoothed", ["a b c d e f", "x y z"], [["a b d c e g", "x q z"]], "13a")
    bleu_case(file, "bleu_nothing", ["a b c", ""], [["x y z", "w"]], "13a")
    captions = [text.lower() for text in ("Smiling face", "red heart", "cat with tears of joy", "woman running")]
    names = ["grinning face", "red heart", "cat with tears of joy", "woman running facing right"]
    bleu_case(file, "bleu_captions", captions, [names], "none")


def write_error_rates(file):
    rng = random.Random(2)
    pairs = [("the cat sat", "the cat sat"), ("the bat  sat down", " the cat sat "), ("", "word"),
             ("entirely other words here", "no match"), ("naïve café", "naive cafe")]
    for _ in range(30):
        reference = rng.choices(VOCABULARY, k=rng.randint(1, 15))
        pairs.append((" ".join(mutated(reference, rng)), " ".join(reference)))
    texts, references = map(list, zip(*pairs))
    group = file.create_group("error_rates")
    put_text(group, "texts", texts)
    put_text(group, "references", references)
    group["word"] = np.array([jiwer.wer(references, texts)])
    group["character"] = np.array([jiwer.cer(references, texts)])
    each = [(jiwer.wer(r, t), jiwer.cer(r, t)) for t, r in pairs]
    group["each_word"] = np.array([word for word, _ in each])
    group["each_character"] = np.array([character for _, character in each])


def write_classification(file):
    rng = np.random.default_rng(3)
    truths = rng.integers(0, 6, 200)
    predictions = np.where(rng.random(200) < 0.6, truths, rng.integers(0, 7, 200))
    group = file.create_group("classification")
    group["truths"] = truths.astype(np.int32)
    group["predictions"] = predictions.astype(np.int32)
    group["confusion"] = metrics.confusion_matrix(truths, predictions, labels=range(8)).astype(np.int32)
    group["accuracy"] = np.array([metrics.accuracy_score(truths, predictions)])
    group["macro_f1"] = np.array([metrics.f1_score(truths, predictions, average="macro", zero_division=0)])
    scores = metrics.precision_recall_fscore_support(truths, predictions, labels=range(8), zero_division=0)
    for name, values in zip(["precision", "recall", "f1"], scores):
        group[name] = values


def write_detection(file):
    rng = np.random.default_rng(4)
    for name, decimals in [("distinct", 12), ("tied", 0)]:
        labels = rng.random(300) < 0.1
        scores = np.round(rng.normal(size=300) + 1.2 * labels, decimals)
        precision, recall, thresholds = metrics.precision_recall_curve(labels, scores)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
        # Of equal ones, the highest threshold.
        best = max(range(len(thresholds)), key=lambda i: (round(f1[i], 12), thresholds[i]))
        group = file.create_group(f"detection_{name}")
        group["labels"] = labels.astype(np.int32)
        group["scores"] = scores
        group["area"] = np.array([metrics.roc_auc_score(labels, scores)])
        group["best"] = np.array([f1[best], thresholds[best], precision[best], recall[best]])


def write_forecasts(file):
    rng = np.random.default_rng(5)
    truths = rng.normal(size=(4, 24)).cumsum(-1).flatten()
    forecasts = truths + rng.normal(size=96)
    training = rng.normal(size=500).cumsum()
    group = file.create_group("forecasts")
    group["truths"], group["forecasts"], group["training"] = truths, forecasts, training
    absolute = metrics.mean_absolute_error(truths, forecasts)
    group["absolute"] = np.array([absolute])
    group["root_squared"] = np.array([metrics.mean_squared_error(truths, forecasts) ** 0.5])
    seasonal = metrics.mean_absolute_error(training[24:], training[:-24])
    group["scaled"] = np.array([absolute / seasonal])
    group["pinball"] = np.array([metrics.mean_pinball_loss(truths, forecasts, alpha=0.9)])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.parent
    with h5py.File(folder / "golden_metrics.h5", "w", libver=("v110", "v110")) as file:
        for name, module in [("sacrebleu", sacrebleu)]:
            file.attrs[name] = module.__version__
        write_bleu(file)
        write_error_rates(file)
        write_classification(file)
        write_detection(file)
        write_forecasts(file)


if __name__ == "__main__":
    main()
