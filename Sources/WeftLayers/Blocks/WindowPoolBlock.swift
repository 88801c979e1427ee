import KernelInterface
import WeftBase
import WeftConfiguration
import WeftTensor

/// Pooling over windows of steps.
public enum WindowPooling: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// The maximum of each feature.
  case maximum
  /// The mean of each feature.
  case mean
}

/// Pooling over windows of steps, feature by feature: y_t = max or mean of x over the steps of window t that the sequence
/// has.
///
/// Each window is gathered as a sequence of its own, which the kernels that pool whole sequences reduce.
package struct WindowPoolBlock: Block {
  let kind: WindowPooling
  let window: StepWindow
  package let outputSize: Int

  init(_ kind: WindowPooling, inputSize: Int, window: StepWindow) {
    self.kind = kind
    self.window = window
    outputSize = inputSize
  }

  package var canOverwriteGradient: Bool { false }
  package var canBeStepped: Bool { false }
  package var canBeSegmented: Bool { false }

  package var activationBytes: Int {
    (2 * window.width + 3) * VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride
  }

  package func outputLength(_ length: Int) -> Int { window.outputLength(length) }

  /// The windows of a shard, side by side: step k of window w is row `starts[k] + w` of the gathered inputs.
  private struct Windows {
    /// Steps of each window.
    var lengths: [Int] = []
    /// First row of each step.
    var starts: [Int] = []
    /// The input position of each row; negative beyond a window's end.
    var inputs: [Int32]
    /// Lists of rows, one per input position; negative for none. Each row that counts is in one of them.
    var rows: [[Int32]] = []

    init(_ window: StepWindow, input: SequenceLayout, output: SequenceLayout) {
      let count = output.positions
      starts = (0..<window.width).map { $0 * count }
      inputs = [Int32](repeating: -1, count: window.width * count)
      var uses = [Int](repeating: 0, count: input.positions)
      let empty = [Int32](repeating: -1, count: input.positions)
      for (position, (row, step)) in zip(output.rowOfPosition, output.stepOfPosition).enumerated() {
        let steps = window.inputSteps(Int(step), length: input.lengths[Int(row)])
        lengths.append(steps.count)
        for (place, step) in steps.enumerated() {
          let (source, target) = (input.starts[step] + Int(row), place * count + position)
          inputs[target] = Int32(source)
          if uses[source] == rows.count { rows.append(empty) }
          rows[uses[source]][source] = Int32(target)
          uses[source] += 1
        }
      }
    }
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("pooling needs features") }
    let outputs = shard.shortened(to: shard.layout.lengths.map(window.outputLength))
    let windows = Windows(window, input: shard.layout, output: outputs.layout)
    let gathered = shard.arena.matrix(rows: windows.inputs.count, columns: outputSize)
    shard.kernels.gatherRows(table: values, indices: windows.inputs, into: gathered)
    let result = shard.arena.matrix(rows: outputs.layout.positions, columns: outputSize)
    switch kind {
    case .maximum:
      shard.kernels.poolMaximum(gathered, starts: windows.starts, lengths: windows.lengths, into: result)
    case .mean:
      shard.kernels.pool(
        gathered, weights: nil, starts: windows.starts, lengths: windows.lengths, into: result)
    }
    return BlockPass(input: input, output: result, shard: outputs, kept: [gathered])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    guard let inputGradient else { return }
    let (arena, kernels) = (shard.arena, shard.kernels)
    let windows = Windows(window, input: shard.layout, output: pass.shard.layout)
    let gathered = arena.matrix(like: pass.kept[0])
    switch kind {
    case .maximum:
      kernels.poolMaximumBackward(
        gradient, values: pass.kept[0], maxima: pass.output, starts: windows.starts,
        lengths: windows.lengths, into: gathered)
    case .mean:
      kernels.poolBackward(
        gradient, values: pass.kept[0], weights: nil, starts: windows.starts, lengths: windows.lengths,
        valueGradient: gathered, scoreGradient: nil)
    }
    let part = arena.matrix(like: inputGradient)
    kernels.fill(inputGradient, with: 0)
    for rows in windows.rows {
      kernels.gatherRows(table: gathered, indices: rows, into: part)
      kernels.add(part, to: inputGradient)
    }
  }
}
