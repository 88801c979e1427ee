"""Trials of the features in PyTorch Lightning; the models are those of the everyday tasks."""

import h5py
import lightning
import numpy as np
import optuna
import pandas
import torch
from classify_lightning import Classifier, loader, read
from features import feature
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from text_lightning import CharacterModel
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

CLASSES = ["a", "b", "c", "d"]
EXAMPLES = read("movements.csv", CLASSES)[:100]
ABSENT = ("report",)
LETTERS = sorted(set(open("plays.txt").read()))
INDEX = {letter: number for number, letter in enumerate(LETTERS)}


def trainer(**options):
    return lightning.Trainer(**{"max_epochs": 1, "accelerator": "cpu", "logger": False,
                                "enable_checkpointing": False, "enable_progress_bar": False} | options)


def trained(model=None, **options):
    lightning.seed_everything(1)
    model = model or Classifier(4, 8)
    trainer(**options).fit(model, loader(EXAMPLES[:80], shuffle=True), loader(EXAMPLES[80:]))
    return model


@feature("predict")
def predict():
    model = trained()
    model.predict_step = lambda batch: model(batch[0], batch[1]).softmax(1)
    probabilities = torch.cat(trainer().predict(model, loader(EXAMPLES)))
    table = pandas.DataFrame(probabilities.numpy(), columns=CLASSES)
    table.insert(0, "predicted", table.idxmax(axis=1))
    table.to_csv("predictions.csv")


@feature("score")
def score():
    model = CharacterModel(len(LETTERS)).eval()
    for line in open("play.txt").read().splitlines()[:20]:
        tokens = torch.tensor([[INDEX[letter] for letter in "\n" + line + "\n"]])
        with torch.inference_mode():
            logits, _ = model(tokens[:, :-1])
        print(-functional.cross_entropy(logits[0], tokens[0, 1:], reduction="sum").item(), line)


@feature("ragged")
def ragged():
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
    inputs = [example for example, _ in EXAMPLES]
    lengths = torch.tensor([len(x) for x in inputs])
    padded = pad_sequence(inputs, batch_first=True)
    packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
    outputs, _ = pad_packed_sequence(torch.nn.GRU(2, 8, batch_first=True)(packed)[0], batch_first=True)
    assert outputs.shape[0] == 100


@feature("classes")
def classes():
    old, known = trained(), CLASSES
    new = ["c", "d", "e"]
    model = Classifier(len(new), 8)
    model.gru.load_state_dict(old.gru.state_dict())
    with torch.no_grad():
        for row, name in enumerate(new):
            if name in known:
                model.output.weight[row] = old.output.weight[known.index(name)]
                model.output.bias[row] = old.output.bias[known.index(name)]


@feature("freeze", "built in")
def freeze():
    model = Classifier(4, 8)
    model.gru.requires_grad_(False)
    before = model.gru.weight_hh_l0.clone()
    trained(model)
    assert (model.gru.weight_hh_l0 == before).all()


@feature("rates", "built in")
def rates():
    model = Classifier(4, 8)
    groups = [{"params": model.gru.parameters(), "lr": 0.001}, {"params": model.output.parameters(), "lr": 0.01}]
    model.configure_optimizers = lambda: torch.optim.Adam(groups)
    trained(model)


@feature("class_weights")
def class_weights():
    model = Classifier(4, 8)
    counts = torch.bincount(torch.tensor([target for _, target in EXAMPLES]), minlength=4)
    weights = counts.sum() / (4 * counts)
    model.training_step = lambda batch: functional.cross_entropy(model(batch[0], batch[1]), batch[2], weight=weights)
    trained(model)


@feature("focal")
def focal():
    def loss(batch):
        errors = functional.cross_entropy(model(batch[0], batch[1]), batch[2], reduction="none")
        return ((1 - (-errors).exp()) ** 2 * errors).mean()

    model = Classifier(4, 8)
    model.training_step = loss
    trained(model)


@feature("weights")
def weights():
    def loss(batch):
        errors = functional.cross_entropy(model(batch[0], batch[1]), batch[2] % 4, reduction="none")
        return (errors * (1 + batch[2] // 4)).mean()  # the weight travels with the target

    model = Classifier(4, 8)
    model.training_step = loss
    trained(model)


@feature("search")
def search():
    from optuna.integration import PyTorchLightningPruningCallback

    def accuracy(trial):
        model = Classifier(4, trial.suggest_categorical("hidden", [4, 8, 16]))
        run = trainer(max_epochs=3, callbacks=[PyTorchLightningPruningCallback(trial, monitor="accuracy")])
        run.fit(model, loader(EXAMPLES[:80], shuffle=True), loader(EXAMPLES[80:]))
        return run.callback_metrics["accuracy"].item()

    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.SuccessiveHalvingPruner())
    study.optimize(accuracy, n_trials=4)


@feature("search_resume")
def search_resume():
    for _ in range(2):  # what ran is in the database; a trial that was cut off is lost
        study = optuna.create_study(study_name="a", storage="sqlite:///study.db", load_if_exists=True)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=max(0, 4 - len(study.trials)))
    assert len(study.trials) == 4


@feature("bits")
def bits():
    class Resumable(DataLoader):
        """Orders each epoch by its number: the order of a loader of PyTorch is lost with the process."""

        epoch = 0

        def __iter__(self):
            self.generator.manual_seed(self.epoch)
            self.epoch += 1
            return super().__iter__()

    def fit(model, epochs, first=0, **options):
        from classify_lightning import collate
        lightning.seed_everything(1)
        data = Resumable(EXAMPLES, batch_size=16, shuffle=True, generator=torch.Generator(), collate_fn=collate)
        data.epoch = first
        run = trainer(max_epochs=epochs)
        run.fit(model, data, **options)
        return run

    whole, part, resumed = (Classifier(4, 8) for _ in range(3))
    part.load_state_dict(whole.state_dict())
    fit(whole, 4)
    fit(part, 2).save_checkpoint("part.ckpt")
    fit(resumed, 4, first=2, ckpt_path="part.ckpt")
    same = all((a == b).all() for a, b in zip(whole.parameters(), resumed.parameters()))
    assert same


@feature("best", "built in")
def best():
    callbacks = [ModelCheckpoint(monitor="accuracy", mode="max"), EarlyStopping("accuracy", mode="max")]
    trained(max_epochs=2, enable_checkpointing=True, callbacks=callbacks)
    assert callbacks[0].best_model_path


@feature("step")
def step():
    model, state = CharacterModel(len(LETTERS)).eval(), None
    for letter in "Th":
        with torch.inference_mode():
            logits, state = model(torch.tensor([[INDEX[letter]]]), state)
        print(LETTERS[logits[0, -1].argmax()])


@feature("saved_states")
def saved_states():
    model = CharacterModel(len(LETTERS)).eval()
    with torch.inference_mode():
        _, state = model(torch.tensor([[INDEX["T"]]]))
    torch.save(state, "state.pt")
    state = torch.load("state.pt")


@feature("larger")
def larger():
    with h5py.File("large.h5", "w") as file:
        file["inputs"], file["targets"] = np.zeros((200, 30, 2), "float32"), np.zeros(200, int)

    class Stored(Dataset):
        def __init__(self, path):
            self.path, self.file = path, None
            with h5py.File(path) as file:
                self.count = len(file["targets"])

        def __len__(self):
            return self.count

        def __getitem__(self, index):
            self.file = self.file or h5py.File(self.path)  # one for each worker
            return torch.tensor(self.file["inputs"][index]), int(self.file["targets"][index])

    trainer().fit(Classifier(4, 8), loader(Stored("large.h5"), shuffle=True))


@feature("bfloat16", "built in")
def bfloat16():
    trained(precision="bf16-mixed")


@feature("onnx", "built in")
def onnx():
    class Whole(Classifier):
        def forward(self, inputs):
            return self.output(self.gru(inputs)[0].mean(1))

    Whole(4, 8).to_onnx("a.onnx", (torch.zeros(1, 30, 2),), dynamo=True)


@feature("layers", "built in")
def layers():
    class Gate(torch.nn.Module):
        def __init__(self, size):
            super().__init__()
            self.gate = torch.nn.Linear(size, size)

        def forward(self, inputs):
            return inputs * self.gate(inputs).sigmoid()

    model = Classifier(4, 8)
    model.output = torch.nn.Sequential(Gate(8), model.output)
    trained(model)


@feature("threads", "no")
def threads():
    def weights(count):
        torch.set_num_threads(count)
        torch.manual_seed(1)
        network, inputs = torch.nn.LSTM(64, 128, batch_first=True), torch.randn(32, 100, 64)
        network(inputs)[0].square().mean().backward()
        return network.weight_hh_l0.grad

    different = not (weights(1) == weights(3)).all()
    torch.set_num_threads(1)
    assert different


@feature("quantiles")
def quantiles():
    from forecast_lightning import Forecaster
    levels = torch.tensor([0.1, 0.5, 0.9])
    series = torch.tensor(pandas.read_csv("sales.csv")["sales"].to_numpy("float32")).unfold(0, 36, 1)
    errors = series[:, 24:, None] - Forecaster()(series[:, :24])
    loss = torch.maximum(levels * errors, (levels - 1) * errors).mean()
    loss.backward()


@feature("backtest")
def backtest():
    from forecast_lightning import Forecaster
    series = torch.tensor(pandas.read_csv("sales.csv")["sales"].to_numpy("float32"))
    windows = series[168:].unfold(0, 36, 12)
    with torch.inference_mode():
        median = Forecaster().eval()(windows[:, :24])[:, :, 1]
    scale = (series[12:] - series[:-12]).abs().mean()
    print("mase", ((median - windows[:, 24:]).abs().mean() / scale).item())
