import Weft

/// A task of one's own: the demand of a week from the demand of the weeks before. It makes the data, says how a model
/// for it is trained, and measures what matters here: how often the prediction is below the demand.
struct DemandTask {
  static let weeks = 12

  /// Sequences of demand with a level of their own and noise, and the demand of the week after.
  func data(sequences: Int, seed: UInt64) throws -> Dataset {
    var random = RandomNumbers(state: seed)
    var inputs: [[Float]] = []
    var targets: [Float] = []
    for _ in 0..<sequences {
      let level = Float.random(in: 1...3, using: &random)
      let demand = (0...Self.weeks).map { _ in level + Float.random(in: -1...1, using: &random) }
      inputs.append(Array(demand.dropLast()))
      targets.append(demand[Self.weeks])
    }
    return try Dataset(sequences: inputs, features: 1, targets: .values(targets, width: 1))
  }

  /// Settings of a run, with a cell and a loss.
  func configuration(cell: CellType, loss: LossType) -> Configuration {
    var configuration = Configuration()
    configuration.model.cell = cell
    configuration.model.hidden = 16
    configuration.model.output = .lastStep
    configuration.loss.kind = loss
    configuration.training.steps = 300
    configuration.training.batch = 32
    configuration.optimizer.learningRate = 0.01
    return configuration
  }

  /// Share of the sequences whose demand exceeds its prediction.
  func shortages(_ predictions: [Float], _ demand: [Float]) -> Double {
    Double(zip(predictions, demand).count { $0 < $1 }) / Double(demand.count)
  }
}

/// Numbers that are the same in every run.
struct RandomNumbers: RandomNumberGenerator {
  var state: UInt64

  /// SplitMix64 (Steele, Lea and Flood 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
