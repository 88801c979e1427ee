import Weft

// Waves of two shapes with random phases, to be told apart.
func waves(_ count: Int) throws -> Dataset {
  let kinds = (0..<count).map { Int32($0 % 2) }
  let sequences = kinds.map { kind in
    let phase = Float.random(in: 0..<8)
    return (0..<Int.random(in: 20...40)).map { step -> Float in
      let place = (Float(step) + phase).truncatingRemainder(dividingBy: 8)
      return kind == 0 ? (place < 4 ? 1 : -1) : place / 4 - 1
    }
  }
  return try Dataset(
    sequences: sequences, features: 1, targets: .classes(kinds, names: ["square", "sawtooth"]))
}

var configuration = Configuration()
configuration.model.cell = .gru
configuration.model.hidden = 16
configuration.model.output = .lastStep
configuration.training.steps = 100
configuration.optimizer.learningRate = 0.01
let settings = configuration
let (training, validation) = (try waves(400), try waves(100))

let run = TrainingRun { () throws(WeftError) in
  try Trainer(settings, data: training, validation: validation, output: "runs/waves")
}
for await progress in run.progress where progress.step.isMultiple(of: 20) {
  print("step \(progress.step): loss \(progress.loss)")
}
print(try await run.ending)

let classifier = try Classifier("runs/waves")
for wave in try classifier.classify(waves(4)) { print(wave.name, wave.probabilities) }
