# The width and the learning rate of the classifier, by successive halving.
cat >sweep.yaml <<END
configuration: classify.yaml
search: halving
set: [training.steps=400]
trials: 9
minimum_steps: 50
parameters:
  model.hidden: [8, 16, 32, 64]
  optimizer.learning_rate: {from: 0.0003, to: 0.03, scale: log}
END
best=$(weft tune sweep.yaml --output runs/sweep | sed -n 's/^best: //p')
weft predict "$best" new_movements.h5 --output predictions.csv
