import WeftBase
import WeftData
import WeftLayers
import WeftParallel

/// The minibatches of a split in the order of the data, with what each row belongs to.
///
/// Sequences are read as in evaluations. The steps of a stream are read once each: from the beginning, with carried
/// state, if the model was trained with it, and otherwise in windows as in training.
struct SplitBlocks {
  /// A minibatch and its place in the split.
  struct Block {
    let batch: Minibatch
    /// The sequence of each row; nil for streams.
    let sequences: [Int]?
    /// The first step of each row of a stream.
    let starts: [Int]
    /// How many blocks precede this one, and how many there are.
    let number: Int
    let total: Int

    /// The rows of the minibatch in the order of the data.
    var order: [Int] {
      let keys = sequences ?? starts
      return keys.indices.sorted { keys[$0] < keys[$1] }
    }
  }

  private let dataset: DatasetFile
  private let split: String
  private let configuration: Configuration
  private let opened: Split

  /// - Throws: If the split cannot be read.
  init(_ dataset: DatasetFile, split: String, _ configuration: Configuration) throws(WeftError) {
    self.dataset = dataset
    self.split = split
    self.configuration = configuration
    opened = try dataset.openSplit(split)
  }

  /// Whether the split is one stream.
  var isStream: Bool { if case .stream = opened.layout { true } else { false } }
  /// The first step of each ragged sequence among those of all; nil for others.
  var sequenceStarts: [Int]? {
    if case .sequences(.ragged(let offsets)) = opened.layout { offsets } else { nil }
  }
  /// The steps of rows among those of all sequences.
  ///
  /// - Parameter index: Numbers of sequences, unless the split is a stream, and of steps in them.
  func steps(_ index: [[Int]]) -> [Int] {
    guard index.count == 2, let starts = sequenceStarts else { return index.last ?? [] }
    return zip(index[0], index[1]).map { starts[$0] + $1 }
  }
  /// Whether the split has targets of its own.
  var hasTargets: Bool { opened.targets != nil }
  /// Whether a stream is read from the beginning with carried state.
  var carriesState: Bool { isStream && configuration.training.carryState }

  /// Calls `body` with each block.
  func forEach(_ body: (Block) throws(WeftError) -> Void) throws(WeftError) {
    switch opened.layout {
    case .sequences:
      let source = try dataset.batches(split: split, shuffles: false)
      let prefetcher = Prefetcher(source, repeats: false)
      for index in 0..<source.batchesPerEpoch {
        try body(
          Block(
            batch: try prefetcher.batch(epoch: 0, index: index),
            sequences: source.sequences(epoch: 0, index: index), starts: [], number: index,
            total: source.batchesPerEpoch))
      }
    case .stream(let steps):
      let windows = windows(of: steps)
      let rows = carriesState ? 1 : configuration.training.batch
      let total = (windows.count + rows - 1) / rows
      for index in 0..<total {
        // The last window may be shorter; rows are sorted longest first.
        let chosen = windows[index * rows..<min((index + 1) * rows, windows.count)]
        try body(
          Block(
            batch: try minibatch(Array(chosen)), sequences: nil, starts: chosen.map(\.lowerBound),
            number: index, total: total))
      }
    }
  }

  /// Steps per pass over a stream with carried state.
  private static let stepsPerPass = 2048

  private func windows(of steps: Int) -> [Range<Int>] {
    let length = carriesState ? Self.stepsPerPass : min(configuration.data.window ?? steps, steps)
    let stride =
      carriesState || configuration.model.hasOutputPerStep ? length : configuration.data.stride ?? length
    let count = 1 + (max(steps - length, 0) + stride - 1) / stride
    return (0..<count).map { $0 * stride..<min($0 * stride + length, steps) }
  }

  private func minibatch(_ windows: [Range<Int>]) throws(WeftError) -> Minibatch {
    let isPerStep = configuration.model.hasOutputPerStep
    let inputs = try opened.inputs.read(windows)
    let targets = try opened.targets?.read(
      windows.map { isPerStep ? $0 : $0.upperBound - 1..<$0.upperBound })
    return Minibatch(
      lengths: windows.map(\.count), inputs: inputs, targets: targets?.targets,
      continues: carriesState && windows[0].lowerBound > 0)
  }
}
