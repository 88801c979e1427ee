import KernelInterface

/// What a decoder is to write on a shard, and what it reads while it does: teacher forcing.
struct DecoderTargets {
  /// The shard of the written sequences.
  let shard: Shard
  /// For each of its rows, the row of the encoder's shard.
  let rows: [Int32]
  private let batch: Minibatch
  private let sequences: Minibatch.Sequences

  /// - Parameter boundary: The token after the last one; nil for features, which end by their number.
  init(_ batch: Minibatch, boundary: Int32?, _ shard: Shard) {
    guard let sequences = batch.targetSequences else {
      preconditionFailure("a decoder needs target sequences")
    }
    self.batch = batch
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
    guard case .features(let values, let width) = sequences.steps else {
      preconditionFailure("the targets are tokens")
    }
    let layout = shard.layout
    let written = shard.arena.matrix(rows: layout.positions, columns: width)
    let previous = shard.arena.matrix(rows: layout.positions, columns: width)
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      for position in 0..<layout.positions {
        let step = Int(layout.stepOfPosition[position])
        let global = Int(shard.globalRows[Int(layout.rowOfPosition[position])])
        let place = base + (sequences.offsets[global] + step) * width
        written.row(position).update(from: place, count: width)
        if step > 0 {
          previous.row(position).update(from: place - width, count: width)
        } else {
          shard.kernels.fill(previous.rows(position..<position + 1), with: 0)
        }
      }
    }
    return (written, previous)
  }
}
