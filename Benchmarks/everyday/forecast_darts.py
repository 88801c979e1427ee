# A year of a monthly series, with intervals of 80%.
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel
from darts.utils.likelihood_models import QuantileRegression


def main():
    series = TimeSeries.from_csv("sales.csv", time_col="month", value_cols="sales").astype("float32")
    scaler = Scaler()
    scaled = scaler.fit_transform(series)
    model = BlockRNNModel(
        model="GRU", input_chunk_length=24, output_chunk_length=12, hidden_dim=32, n_epochs=100,
        likelihood=QuantileRegression([0.1, 0.5, 0.9]), random_state=1, pl_trainer_kwargs={"accelerator": "cpu"},
        use_reversible_instance_norm=True, optimizer_kwargs={"lr": 0.003},
    )
    model.fit(scaled)
    forecast = scaler.inverse_transform(model.predict(12, num_samples=500))
    table = forecast.quantile([0.1, 0.5, 0.9]).to_dataframe()
    table.columns = ["low", "median", "high"]
    table.to_csv("forecast.csv", index=False)


if __name__ == "__main__":
    main()
