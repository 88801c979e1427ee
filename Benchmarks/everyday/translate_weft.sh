# Dates in words into their standard form, with attention.
weft data parallel dates.tsv --unit characters --split 0.9,0.1 --output dates.h5
cat >translate.yaml <<END
data: {file: dates.h5}
model: {kind: encoder-decoder, cell: gru, hidden: 64, embedding: 32, bidirectional: true}
training: {batch: 32, epochs: 12, clip_norm: 1}
optimizer: {learning_rate: 0.005}
END
weft train translate.yaml --output runs/translate
weft translate runs/translate <new_dates.txt >translations.txt
