# Anomalies of a sensor, by a model of good readings.
import pandas
from darts import TimeSeries
from darts.ad import ForecastingAnomalyModel, NormScorer
from darts.dataprocessing.transformers import Scaler
from darts.models import RNNModel


def main():
    good = TimeSeries.from_csv("readings.csv", value_cols="value").astype("float32")
    watched = TimeSeries.from_csv("watched.csv", value_cols="value").astype("float32")
    scaler = Scaler()
    forecaster = RNNModel(
        model="LSTM", input_chunk_length=50, training_length=100, hidden_dim=32, n_epochs=3, batch_size=64,
        random_state=1, optimizer_kwargs={"lr": 0.01}, pl_trainer_kwargs={"accelerator": "cpu", "gradient_clip_val": 1},
    )
    detector = ForecastingAnomalyModel(model=forecaster, scorer=NormScorer())
    detector.fit(scaler.fit_transform(good), allow_model_training=True)
    scores = detector.score(scaler.transform(watched))
    table = pandas.DataFrame({"step": scores.time_index, "score": scores.values()[:, 0]})
    table.to_csv("scores.csv", index=False)


if __name__ == "__main__":
    main()
