"""Trials of the features in Darts, a library for forecasts: what is not about series is none of its matters."""

from collections.abc import Sequence

import numpy as np
import optuna
import torch
from darts import TimeSeries
from darts.metrics import mase
from darts.models import BlockRNNModel
from darts.utils.likelihood_models import QuantileRegression
from features import feature
from lightning.pytorch.callbacks import EarlyStopping

SERIES = TimeSeries.from_csv("sales.csv", time_col="month", value_cols="sales").astype("float32") / 500
ABSENT = ("score", "classes", "rates", "class_weights", "focal", "threads", "step", "saved_states", "report")


def model(epochs=2, hidden=8, **options):
    return BlockRNNModel(
        model="GRU", input_chunk_length=24, output_chunk_length=12, hidden_dim=hidden, n_epochs=epochs, random_state=1,
        **{"pl_trainer_kwargs": {"accelerator": "cpu", "enable_progress_bar": False}} | options)


@feature("predict", "built in")
def predict():
    forecast = model().fit(SERIES).predict(12)
    forecast.to_csv("forecast.csv")


@feature("ragged", "built in")
def ragged():
    model().fit([SERIES, SERIES[:100]])


@feature("freeze")
def freeze():
    network = model().fit(SERIES)
    network.model.rnn.requires_grad_(False)
    before = network.model.rnn.weight_hh_l0.clone()
    network.fit(SERIES, epochs=2)
    assert (network.model.rnn.weight_hh_l0 == before).all()


@feature("larger")
def larger():
    class Stored(Sequence):
        """Series that are read when they are asked for."""

        def __len__(self):
            return 3

        def __getitem__(self, number):
            if number >= 3:
                raise IndexError
            return TimeSeries.from_csv("sales.csv", time_col="month", value_cols="sales").astype("float32")

    model().fit(Stored())


@feature("weights", "built in")
def weights():
    model().fit(SERIES, sample_weight=SERIES.with_values(np.ones_like(SERIES.values())))


@feature("search")
def search():
    def error(trial):
        network = model(2, trial.suggest_categorical("hidden", [4, 8])).fit(SERIES[:-24])
        return mase(SERIES[-12:], network.predict(12, SERIES[:-12]), SERIES[:-12])

    study = optuna.create_study(pruner=optuna.pruners.SuccessiveHalvingPruner())
    study.optimize(error, n_trials=3)


@feature("search_resume")
def search_resume():
    for _ in range(2):
        study = optuna.create_study(study_name="a", storage="sqlite:///study.db", load_if_exists=True)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=max(0, 4 - len(study.trials)))
    assert len(study.trials) == 4


@feature("best", "built in")
def best():
    network = model(
        model_name="a", save_checkpoints=True, force_reset=True,
        pl_trainer_kwargs={"accelerator": "cpu", "callbacks": [EarlyStopping("val_loss")]},
    )
    network.fit(SERIES[:-60], val_series=SERIES[-60:])
    BlockRNNModel.load_from_checkpoint("a", best=True, weights_only=False)


@feature("quantiles", "built in")
def quantiles():
    network = model(likelihood=QuantileRegression([0.1, 0.5, 0.9])).fit(SERIES)
    forecast = network.predict(12, num_samples=20).quantile([0.1, 0.5, 0.9])
    assert forecast.n_components == 3


@feature("backtest", "built in")
def backtest():
    network = model().fit(SERIES[:-60])
    error = network.backtest(SERIES, start=len(SERIES) - 60, forecast_horizon=12, stride=12, retrain=False, metric=mase)
    assert error > 0


@feature("bfloat16", "built in")
def bfloat16():
    model(pl_trainer_kwargs={"accelerator": "cpu", "precision": "bf16-mixed"}).fit(SERIES)


@feature("onnx", "built in")
def onnx():
    network = model().fit(SERIES)
    network.to_onnx("a.onnx")


@feature("layers")
def layers():
    class Huge(torch.nn.Module):
        def forward(self, outputs, targets):
            return (outputs - targets).abs().pow(1.5).mean()

    model(loss_fn=Huge()).fit(SERIES)


@feature("bits", "no")
def bits():
    whole = model(4).fit(SERIES)
    model(2, model_name="part", save_checkpoints=True, force_reset=True).fit(SERIES)
    resumed = BlockRNNModel.load_from_checkpoint("part", best=False, weights_only=False)
    load = torch.load
    torch.load = lambda *files, **options: load(*files, **options | {"weights_only": False})
    resumed.fit(SERIES, epochs=4)
    torch.load = load
    assert not all((a == b).all() for a, b in zip(whole.model.parameters(), resumed.model.parameters()))
