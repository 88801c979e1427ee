import KernelInterface
import WeftBase
import WeftData
import WeftLayers

/// Targets and inputs of a decoder on a shard, by teacher forcing.
struct DecoderTargets {
  /// The shard of the target sequences.
  let shard: Shard
  /// The row of the encoder's shard for each of its rows.
  let rows: [Int32]
  private let sequences: TargetSequences<FeatureArray>

  /// - Parameter boundary: The end token; nil for features, whose number is given.
  init(_ batch: Minibatch, boundary: Int32?, _ shard: Shard) {
    guard let sequences = batch.targets?.sequences else {
      preconditionFailure("a decoder needs target sequences")
    }
    self.sequences = sequences
    let lengths = shard.globalRows.map { sequences.lengths[Int($0)] + (boundary == nil ? 0 : 1) }
    (self.shard, rows) = shard.sibling(lengths: lengths)
  }

  /// The target token at each position, and the previous one.
  func tokens(boundary: Int32) -> (written: [Int32], previous: [Int32]) {
    guard case .tokens(let tokens) = sequences.steps else { preconditionFailure("the targets are features") }
    let layout = shard.layout
    var written: [Int32] = []
    var previous: [Int32] = []
    written.reserveCapacity(layout.positions)
    previous.reserveCapacity(layout.positions)
    for (row, step) in zip(layout.rowOfPosition, layout.stepOfPosition) {
      let global = Int(shard.globalRows[Int(row)])
      let place = sequences.offsets[global] + Int(step)
      written.append(Int(step) < sequences.lengths[global] ? tokens[place] : boundary)
      previous.append(step > 0 ? tokens[place - 1] : boundary)
    }
    return (written, previous)
  }

  /// The target features at each position, and the previous ones, initially zeros.
  func features() -> (written: Matrix, previous: Matrix) {
    guard case .features(let features) = sequences.steps else {
      preconditionFailure("the targets are tokens")
    }
    let steps = shard.layout.stepOfPosition
    let places = zip(shard.layout.rowOfPosition, steps).map { row, step in
      sequences.offsets[Int(shard.globalRows[Int(row)])] + Int(step)
    }
    return (
      written: shard.arena.gather(places, of: features),
      previous: shard.arena.gather(zip(places, steps).map { $1 > 0 ? $0 - 1 : -1 }, of: features)
    )
  }
}
