# Classes of sequences from a table.
weft data table movements.csv --inputs x,y --targets kind --group sequence --target-per group \
  --split 0.8,0.2 --output movements.h5
weft data table new_movements.csv --inputs x,y --group sequence --output new_movements.h5
cat >classify.yaml <<END
data: {file: movements.h5}
model: {cell: gru, hidden: 32, output: mean}
training: {batch: 16, epochs: 20}
optimizer: {learning_rate: 0.01}
END
weft train classify.yaml --output runs/classify
weft predict runs/classify new_movements.h5 --output predictions.csv
