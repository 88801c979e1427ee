import Weft

var configuration = Configuration()
configuration.data.file = "datasets/shakespeare/shakespeare.h5"
configuration.data.window = 100
configuration.model.cell = .lstm
configuration.model.layers = 2
configuration.model.hidden = 256
configuration.model.embedding = 64
configuration.training.steps = 500
configuration.training.carryState = true
configuration.training.clipNorm = 1
configuration.optimizer.learningRate = 0.003

let trainer = try Trainer(configuration, output: "runs/example")
try trainer.run { progress in
  if progress.step.isMultiple(of: 50) { print("step \(progress.step): loss \(progress.loss)") }
}

let model = try TrainedModel("runs/example")
print(try model.evaluate(split: "test").bitsPerToken ?? .nan, "bits per character")
print(try model.generate(prompt: "ROMEO:", length: 200, sampling: Sampling(temperature: 0.8)))
