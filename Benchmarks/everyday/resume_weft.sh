# A training that is killed twice, and goes on where it was.
weft train classify.yaml --output runs/resumed --resume
weft predict runs/resumed new_movements.h5 --output predictions.csv
