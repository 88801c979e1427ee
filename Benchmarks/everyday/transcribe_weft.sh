# Digits in recordings, learned from unaligned transcripts.
weft data audio sounds.tsv --rate 8000 --mels 40 --split 0.9,0.1 --output sounds.h5
cat >transcribe.yaml <<END
data: {file: sounds.h5, standardize: true}
model: {cell: lstm, hidden: 64, bidirectional: true}
loss: {kind: ctc}
training: {batch: 8, epochs: 15, clip_norm: 1}
optimizer: {learning_rate: 0.005}
END
weft train transcribe.yaml --output runs/transcribe
weft transcribe runs/transcribe $(cat new_sounds.tsv) --json >transcripts.jsonl
