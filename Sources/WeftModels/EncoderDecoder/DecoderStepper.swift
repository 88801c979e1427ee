import KernelInterface
import WeftLayers

/// Runs a decoder step by step on many sequences, which may be reordered between steps.
///
/// The outputs have the same bits as in a minibatch.
final class DecoderStepper {
  private let model: EncoderDecoderModel
  private let shard: Shard
  private let memory: SourceMemory
  private var pass: AttentionDecoder.Pass
  /// Maximum number of sequences.
  private let capacity: Int

  /// - Parameters:
  ///   - sources: The source of attention, with one row per source.
  ///   - initial: Initial states per layer, with one row per source.
  ///   - capacity: Maximum number of sequences, at least the number of sources.
  ///   - encoderShard: The shard whose parameters and memory are used.
  init(
    _ model: EncoderDecoderModel, sources memory: SourceMemory, initial: [ShardState], capacity: Int,
    _ encoderShard: Shard
  ) {
    self.model = model
    self.memory = memory
    self.capacity = capacity
    let lengths = [Int](repeating: 1, count: capacity)
    let shard = Shard(
      engine: encoderShard.engine, layout: SequenceLayout(lengths: lengths, lanes: 1),
      globalRows: (0..<Int32(capacity)).map { $0 }, segment: Segment(lengths: lengths),
      parameters: encoderShard.parameters, nodes: [], gradients: [], arena: encoderShard.arena,
      dropoutKey: nil)
    self.shard = shard
    func grown(_ matrix: Matrix) -> Matrix {
      let result = shard.arena.matrix(rows: capacity, columns: matrix.columns)
      shard.kernels.fill(result, with: 0)
      shard.kernels.copy(matrix, into: result.rows(0..<matrix.rows))
      return result
    }
    let inputs = shard.arena.matrix(rows: capacity, columns: model.decoder.inputSize)
    shard.kernels.fill(inputs, with: 0)
    // The memory has the same size for any assignment of sources.
    let looked = memory.seen(from: (0..<capacity).map { Int32(min($0, max(initial[0].hidden.rows, 1) - 1)) })
    pass = model.decoder.makePass(
      inputs, initial: initial.map { ShardState(hidden: grown($0.hidden), cell: $0.cell.map(grown)) },
      source: model.decoder.attention == nil ? nil : looked, shard)
  }

  /// Reads one token per sequence.
  ///
  /// - Parameter sources: The source of each sequence.
  /// - Returns: The outputs `[sequences, outputs]`, valid until the next step.
  func step(_ tokens: [Int32], sources: [Int32]) -> Matrix {
    model.targetEmbedding?.forward(tokens, into: pass.inputs[0].rows(0..<tokens.count), shard)
    return stepForward(count: tokens.count, sources: sources)
  }

  /// Reads the features of one step per sequence, `[sequences, features]`.
  func step(_ features: Matrix, sources: [Int32]) -> Matrix {
    if model.readsPrevious {
      shard.kernels.copy(features, into: pass.inputs[0].rows(0..<features.rows))
    }
    return stepForward(count: features.rows, sources: sources)
  }

  private func stepForward(count: Int, sources: [Int32]) -> Matrix {
    let decoder = model.decoder
    pass.attention?.source = memory.seen(from: sources)
    let segment = StepSegment(
      rows: 0..<count, positions: 0..<count, previous: 0..<count, current: capacity..<capacity + count)
    decoder.layers[0].project(.features(pass.inputs[0]), segment.positions, pass.layers[0], shard)
    decoder.stepForward(segment, pass, shard)
    let outputs = pass.outputs.rows(segment.positions)
    decoder.output.forward(
      pass.feed.rows(segment.current), initial: .row(decoder.outputBias.row), into: outputs, record: nil,
      shard)
    return outputs
  }

  /// Attention weights of a sequence in the latest step.
  func attention(of sequence: Int) -> [Float] {
    guard let attention = pass.attention else { return [] }
    let count = Int(attention.source.spans.counts[sequence])
    return Array(UnsafeBufferPointer(start: attention.weights.row(sequence), count: count))
  }

  /// Reorders states: sequence i of the next step continues sequence `parents[i]` of the latest.
  func reorder(_ parents: [Int32]) {
    var matrices = pass.layers.map(\.hidden) + pass.layers.map(\.cell.matrix).filter { $0.rows > 0 }
    if pass.feed.pointer != pass.top.pointer { matrices.append(pass.feed) }
    for matrix in matrices {
      shard.kernels.gatherRows(
        table: matrix.rows(capacity..<matrix.rows), indices: parents, into: matrix.rows(0..<parents.count))
    }
  }
}
