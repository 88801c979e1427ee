import Weft

// Weft's own cells and losses are chosen by their names in a configuration; so are these from here on.
let cell = try CellType.register(UpdateGateCell())
let loss = try LossType.register(AsymmetricError())

let task = DemandTask()
let training = try task.data(sequences: 2000, seed: 1)
let validation = try task.data(sequences: 500, seed: 2)
let test = try task.data(sequences: 1000, seed: 3)
guard case .values(let demand, _, _) = test.targets else { fatalError("demand is a number") }

for kind in [LossType.squaredError, loss] {
  let run = "runs/\(kind.name)"
  let configuration = task.configuration(cell: cell, loss: kind)
  try Trainer(configuration, data: training, validation: validation, output: run).run()
  let predictions = try Regressor(run).predict(test).map { Float($0[0]) }
  let share = task.shortages(predictions, demand)
  print("\(kind.name): the demand exceeds the prediction in \((100 * share).rounded()) % of the weeks")
}
