# A character model: bits per character of a new play, and new text.
weft data text plays.txt --split 0.9,0.1 --output plays.h5
weft data text play.txt --vocabulary plays.h5 --output play.h5
cat >text.yaml <<END
data: {file: plays.h5, window: 100}
model: {cell: lstm, hidden: 128, embedding: 32}
training: {batch: 32, epochs: 5, carry_state: true, clip_norm: 1}
optimizer: {learning_rate: 0.005}
END
weft train text.yaml --output runs/text
weft evaluate runs/text --data play.h5 --split train --json >metrics.json
weft generate runs/text --prompt 'The ' --length 300 --temperature 0.8 >text.txt
