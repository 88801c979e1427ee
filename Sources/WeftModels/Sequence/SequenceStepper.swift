import Foundation
import KernelInterface
import WeftBase
import WeftLayers
import WeftParallel
import WeftTensor

/// Runs a model on one sequence step by step, in preallocated memory.
///
/// A step costs little more than reading the weights. The outputs have the same bits as in a minibatch.
package final class SequenceStepper {
  private let model: SequenceModel
  private let shard: Shard
  /// Retained because the shard has a view of its memory.
  private let parameters: Tensor
  private let steps: SingleSteps
  /// Input of the first layer, unless it has a token table.
  private let input: Matrix
  /// Changed in place to avoid an allocation per step.
  private var tokens: [Int32] = [0]
  /// The outputs after the latest token `[1, outputs]`; overwritten by the next step.
  package let outputs: Matrix

  /// A stepper at the start of a sequence.
  ///
  /// - Precondition: The model can be stepped, and its weights are packed.
  package init(_ model: SequenceModel, parameters: Tensor, engine: Engine) {
    precondition(model.canBeStepped)
    self.model = model
    self.parameters = parameters
    let layout = SequenceLayout(lengths: [1], lanes: 1)
    func makeShard() -> Shard {
      Shard(
        engine: engine, layout: layout, globalRows: [0], segment: Segment(lengths: [1]),
        parameters: parameters.matrix, nodes: [], gradients: [], arena: Arena(), dropoutKey: nil)
    }
    shard = makeShard()
    let passes = model.stack.layers.map { [shard] in
      var pass = $0.makePass(initial: nil, shard)
      // Later steps have their initial states where the first one has zeros.
      pass.startsFromZero = false
      return pass
    }
    steps = SingleSteps(
      passes: passes, segment: layout.segments(step: 0, .forward)[0], shard: shard,
      scratch: makeShard())
    input = shard.arena.matrix(rows: 1, columns: model.embedding?.size ?? model.shape.inputSize)
    outputs = shard.arena.matrix(rows: 1, columns: model.shape.outputs)
  }

  /// Reads one token.
  package func step(_ token: Int32) {
    tokens[0] = token
    steps.scratch.arena.reset()
    WorkerPool.flushingDenormals {
      var below = Steps<Matrix>.tokens(tokens)
      if model.stack.firstLayers.first?.tokenTable == nil, let embedding = model.embedding {
        embedding.forward(tokens, into: input, shard)
        below = .features(input)
      }
      read(below)
    }
  }

  /// Reads one step of features.
  ///
  /// - Precondition: There are as many as the model reads.
  package func step(_ features: [Float]) {
    precondition(features.count == model.shape.inputSize)
    steps.scratch.arena.reset()
    WorkerPool.flushingDenormals {
      input.assign(features)
      read(.features(input))
    }
  }

  private func read(_ below: Steps<Matrix>) {
    let states = model.stack.step(below, steps)
    model.output.outputs(states, into: outputs, steps.scratch)
  }
}

extension SequenceStepper {
  /// Log-probability of each next token.
  var logProbabilities: [Double] {
    let logits = outputs.elements.map { Double($0) }
    let maximum = logits.max() ?? 0
    let sum = maximum + log(logits.reduce(0) { $0 + exp($1 - maximum) })
    return logits.map { $0 - sum }
  }

  /// The most probable next tokens, in descending order; ties are broken by the smaller token.
  ///
  /// - Parameter excluded: Tokens that are left out.
  package func mostProbable(
    _ count: Int, excluding excluded: Set<Int32> = []
  ) -> [(token: Int32, logProbability: Double)] {
    let (logits, logProbabilities) = (outputs.elements, logProbabilities)
    let order = logits.indices.filter { !excluded.contains(Int32($0)) }.sorted {
      (logits[$1], $0) < (logits[$0], $1)
    }
    return order.prefix(count).map { (Int32($0), logProbabilities[$0]) }
  }

  /// The states of all layers, to save and restore.
  package var states: [[Float]] {
    get { stateRows.map(\.elements) }
    set { for (row, values) in zip(stateRows, newValue) { row.assign(values) } }
  }

  private var stateRows: [Matrix] {
    zip(model.stack.layers, steps.passes).flatMap { layer, pass in
      [pass.hidden.rows(steps.segment.previous)]
        + (layer.hasCellState ? [pass.cell.rows(steps.segment.previous)] : [])
    }
  }
}

extension SequenceModel {
  /// A stepper at the start of a sequence; the executor's parameters must not change while it is used.
  package func makeStepper(on executor: Executor) -> sending SequenceStepper {
    executor.pack()
    return SequenceStepper(self, parameters: executor.parameters, engine: executor.engine)
  }

  /// Whether outputs depend only on earlier steps, through recurrent states alone.
  package var canBeStepped: Bool { stack.canBeStepped && randomField == nil }

  /// Whether the model predicts the next token.
  package var isLanguageModel: Bool {
    guard case .tokens(let vocabulary) = shape.input else { return false }
    return canBeStepped && hasOutputPerStep && shape.outputs == vocabulary
  }

  /// Bytes of the weights, and of the projected or embedded token, read per time step and row.
  package var bytesPerStep: Int {
    let layers = stack.layers
    var bytes = output.forwardBytes
    for layer in layers {
      bytes += layer.cell.projections.reduce(0) { $0 + $1.forwardBytes }
      bytes += layer.tokenTable.map(\.rowBytes) ?? layer.input.forwardBytes
    }
    if let embedding = embedding?.parameter, stack.firstLayers.first?.tokenTable == nil {
      bytes += embedding.columns * MemoryLayout<Float>.stride
    }
    return bytes
  }
}
