# A year of a monthly series, with intervals of 80%.
weft data table sales.csv --inputs sales --time month --horizon 12 --configuration forecast.yaml \
  --split 0.8,0.2 --output sales.h5
weft train forecast.yaml --set loss.kind=quantile --output runs/forecast
weft forecast runs/forecast --split validation --json >forecast.json
