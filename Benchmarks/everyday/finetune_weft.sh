# Other classes, from few examples and the classifier's frozen layer.
weft data table other_movements.csv --inputs x,y --targets kind --group sequence --target-per group \
  --split 0.8,0.2 --output other_movements.h5
weft data table new_other_movements.csv --inputs x,y --group sequence --output new_other_movements.h5
weft train classify.yaml --from runs/classify --set data.file=other_movements.h5 \
  --set training.freeze=layer0 --output runs/tuned
weft predict runs/tuned new_other_movements.h5 --output predictions.csv
