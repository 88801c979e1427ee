# Anomalies of a sensor, by a model of good readings.
weft data table readings.csv --inputs value --split 0.8,0.2 --output readings.h5
weft data table watched.csv --inputs value --output watched.h5
cat >detect.yaml <<END
data: {file: readings.h5, window: 100, stride: 10, standardize: true}
model: {cell: lstm, hidden: 32}
loss: {kind: gaussian}
training: {batch: 16, epochs: 10, clip_norm: 1}
optimizer: {learning_rate: 0.01}
END
weft train detect.yaml --output runs/detect
weft predict runs/detect watched.h5 --outputs scores --output scores.csv
