# Trials of the features in Weft; each part is one row.
# Whether the weights of a run have the bits of the first.
same() {
  python3 - "$1" <<END
import h5py, sys
a, b = (h5py.File(f"{run}/best.h5")["weights"] for run in (sys.argv[1], "runs/classify"))
names = []
a.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
assert names and all((a[name][:] == b[name][:]).all() for name in names)
END
}
weft data table movements.csv --inputs x,y --targets kind --group sequence --target-per group \
  --split 0.8,0.2 --output movements.h5
weft data table other_movements.csv --inputs x,y --targets kind --group sequence --target-per group \
  --split 0.8,0.2 --output other_movements.h5
cat >classify.yaml <<END
data: {file: movements.h5}
model: {cell: gru, hidden: 8, output: mean}
training: {batch: 16, steps: 40, evaluate_every: 20}
END
weft train classify.yaml --output runs/classify
weft data text plays.txt --split 0.9,0.1 --output plays.h5
cat >text.yaml <<END
data: {file: plays.h5, window: 50}
model: {cell: gru, hidden: 16, embedding: 8}
training: {batch: 32, steps: 20}
END
weft train text.yaml --output runs/text
#= predict | built in
weft predict runs/classify --split validation --output predictions.csv
#= score | built in
weft score runs/text play.txt
#= ragged | built in
weft train classify.yaml --output runs/ragged
#= classes | built in
weft train classify.yaml --from runs/classify --set data.file=other_movements.h5 --output runs/other
#= freeze | built in
weft train classify.yaml --from runs/classify --set training.freeze=layer0 --output runs/frozen
#= rates | built in
weft train classify.yaml --set 'optimizer.rate_factors={layer0: 0.1}' --output runs/rates
#= class_weights | built in
weft train classify.yaml --set loss.class_weights=balanced --output runs/balanced
#= focal | built in
weft train classify.yaml --set loss.focal_gamma=2 --output runs/focal
#= weights | built in
python3 -c "import h5py; f = h5py.File('movements.h5', 'a'); f['train/w'] = [1.0] * len(f['train/targets'])"
weft train classify.yaml --set data.weights=w --output runs/weights
#= search | built in
cat >sweep.yaml <<END
{configuration: classify.yaml, search: halving, trials: 4, minimum_steps: 20, parameters: {model.hidden: [4, 8, 16]}}
END
weft tune sweep.yaml --output runs/sweep
#= search_resume | built in
weft tune sweep.yaml --output runs/sweep
#= bits | built in
weft train classify.yaml --until-step 20 --output runs/resumed
weft train classify.yaml --resume --output runs/resumed
same runs/resumed
#= threads | built in
weft train classify.yaml --threads 1 --output runs/one
weft train classify.yaml --threads 3 --output runs/three
same runs/one
same runs/three
#= best | built in
weft train classify.yaml --set training.early_stopping_patience=1 --output runs/stopped
#= step | built in
printf 'T\nh\n' | weft step runs/text
#= saved_states | built in
echo T | weft step runs/text --state session.h5
#= quantiles | built in
weft data table sales.csv --inputs sales --time month --horizon 12 --configuration sales.yaml --split 0.8,0.2 --output sales.h5
weft train sales.yaml --set loss.kind=quantile --set training.steps=10 --output runs/sales
#= backtest | built in
weft evaluate runs/sales --split validation
#= larger | built in
weft train classify.yaml --set data.memory_budget=1MiB --output runs/streamed
#= bfloat16 | built in
weft train classify.yaml --set training.precision=bfloat16 --output runs/half
#= onnx | built in
weft export runs/classify --to onnx classify.onnx
#= report | built in
weft report runs/classify
#= layers | no
