import KernelInterface
import WeftBase
import WeftData
import WeftLayers

/// What a decoder is to write on a shard, and what it reads while it does: teacher forcing.
struct DecoderTargets {
  /// The shard of the written sequences.
  let shard: Shard
  /// For each of its rows, the row of the encoder's shard.
  let rows: [Int32]
  private let sequences: TargetSequences<FeatureArray>

  /// - Parameter boundary: The token after the last one; nil for features, which end by their number.
  init(_ batch: Minibatch, boundary: Int32?, _ shard: Shard) {
    guard let sequences = batch.targets?.sequences else {
      preconditionFailure("a decoder needs target sequences")
    }
    self.sequences = sequences
    let lengths = shard.globalRows.map { sequences.lengths[Int($0)] + (boundary == nil ? 0 : 1) }
    (self.shard, rows) = shard.sibling(lengths: lengths)
  }

  /// The token to write at each position, and the one before it.
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

  /// The features to write at each position, and those before it, zeros at first.
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
