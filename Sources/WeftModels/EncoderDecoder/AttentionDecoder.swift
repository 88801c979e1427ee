import KernelInterface
import WeftBase
import WeftLayers
import WeftTensor

/// A decoder with attention: recurrent layers, attention over the source, and an output layer.
///
/// At each step the inputs are the previous token and, with input feeding, the previous attentional state. Attention
/// with the topmost state h gives the context c and the attentional state a = tanh(W_c c + W_s h), from which the
/// output is computed (Luong, Pham and Manning 2015, sections 3 and 3.3). Without attention, the output is computed
/// from h.
package struct AttentionDecoder: Sendable {
  package let layers: [RecurrentLayer]
  /// Size of the hidden and the attentional state.
  let hiddenSize: Int
  let inputSize: Int
  let outputSize: Int
  /// Input feeding: projection of the previous attentional state to the gates of the first layer.
  let feeding: Projection?
  package let attention: Attention?
  /// W_c and W_s; nil without attention.
  let combination: (context: Projection, state: Projection)?
  let output: Projection
  let outputBias: PaddedRow
  /// The embedding that shares its weights with the output layer.
  let tied: Parameter?
  /// Dropout rate before each layer and before the output.
  private let dropout: Float
  private static let dropoutPurpose: UInt32 = 2 << 16
  private static let recurrentPurpose: UInt32 = 1 << 8

  /// Options of a decoder.
  package struct Options: Sendable {
    package var layers: Int
    package var layer: RecurrentLayerOptions
    package var dropout: Float
    package var attention: AttentionScore?
    package var attentionSize: Int
    package var feedsInput: Bool
  }

  /// Adds the parameters to a model's layout: those of layers, feeding and combination under `decoder`, of attention
  /// under `attention`, of the output under `output`.
  ///
  /// - Parameter tied: The embedding `[outputs, hidden]` whose weights the output layer shares.
  init(
    _ options: Options, inputSize: Int, sourceSize: Int, outputSize: Int, tied: Parameter?,
    layout: inout ParameterLayout
  ) {
    let hidden = options.layer.outputSize
    let initialization = options.layer.inputInitialization
    self.inputSize = inputSize
    self.outputSize = outputSize
    self.tied = tied
    hiddenSize = hidden
    dropout = options.dropout
    layers = (0..<options.layers).map { index in
      RecurrentLayer(
        path: "decoder/layer\(index)", inputSize: index == 0 ? inputSize : hidden, options: options.layer,
        direction: .forward, purpose: AttentionDecoder.recurrentPurpose + UInt32(index), layout: &layout)
    }
    func weights(_ name: String, rows: Int, gates: Int = 1, _ columns: Int) -> Projection {
      Projection(
        layout.add(
          name, rows: rows, columns: gates * columns, initialization: initialization.values(gates: gates),
          isWeight: true), width: columns, dotAlgorithm: layout.dotAlgorithm)
    }
    if let score = options.attention {
      let gates = layers[0].kind.gateCount
      feeding =
        options.feedsInput
        ? weights("decoder/feeding_weights", rows: hidden, gates: gates, options.layer.hiddenSize) : nil
      attention = Attention(
        path: "attention", score: score, hiddenSize: hidden, sourceSize: sourceSize,
        size: options.attentionSize, initialization: initialization, layout: &layout)
      combination = (
        weights("decoder/context_weights", rows: sourceSize, hidden),
        weights("decoder/state_weights", rows: hidden, hidden)
      )
    } else {
      (feeding, attention, combination) = (nil, nil, nil)
    }
    output =
      tied.map {
        Projection($0, width: outputSize, isTransposed: true, dotAlgorithm: layout.dotAlgorithm)
      }
      ?? weights("output/weights", rows: hidden, outputSize)
    outputBias = PaddedRow(
      layout.add("output/bias", rows: 1, columns: outputSize, initialization: .zero, isWeight: false),
      width: outputSize)
  }

  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for layer in layers { layer.pack(engine, parameters: parameters, worker: worker, workers: workers) }
    attention?.pack(engine, parameters: parameters, worker: worker, workers: workers)
    for projection in [feeding, combination?.context, combination?.state, output].compactMap(\.self) {
      projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    }
    if worker == 0 { outputBias.pack(engine, parameters: parameters) }
  }

  /// Activations over one shard, or over one repeated step.
  struct Pass {
    /// Inputs of each layer, `[positions, features]`.
    let inputs: [Matrix]
    /// Dropout masks of the inputs, and last of the input of the output layer.
    let masks: [Matrix?]
    let layers: [RecurrentPass]
    let initial: [ShardState]
    var attention: Attention.Pass?
    /// a `[positions, hidden]`, before dropout; nil without attention.
    let attentional: Matrix?
    /// Input of the output layer, and fed to the first layer one step later, `[rows + positions, hidden]`: initially
    /// zeros.
    let feed: Matrix
    /// `[positions, outputs]`; a loss overwrites it with its gradient.
    let outputs: Matrix

    /// The topmost states, `[rows + positions, hidden]`.
    var top: Matrix { layers[layers.count - 1].hidden }
  }

  /// Allocates a pass and fills in the initial states.
  ///
  /// - Parameters:
  ///   - inputs: Inputs of the first layer `[positions, inputSize]`; dropout is applied in place.
  ///   - initial: Initial states per layer.
  ///   - source: The source of attention; nil without attention.
  func makePass(_ inputs: Matrix, initial: [ShardState], source: SourceMemory?, _ shard: Shard) -> Pass {
    let layout = shard.layout
    let arena = shard.arena
    let states = layout.rows..<layout.rows + layout.positions
    let passes = zip(layers, initial).map { $0.makePass(initial: nil, shardInitial: $1, shard) }
    let masks = (0...layers.count).map { level in
      mask(width: level == 0 ? inputSize : hiddenSize, level: level, shard)
    }
    if let mask = masks[0] { shard.kernels.multiply(inputs, mask, into: inputs) }
    var layerInputs = [inputs]
    for level in layers.indices.dropFirst() {
      layerInputs.append(masks[level].map { arena.matrix(like: $0) } ?? passes[level - 1].hidden.rows(states))
    }
    let outputMask = masks[layers.count]
    var feed = passes[layers.count - 1].hidden
    if attention != nil || outputMask != nil {
      feed = arena.matrix(rows: states.upperBound, columns: hiddenSize)
      shard.kernels.fill(feed.rows(0..<layout.rows), with: 0)
    }
    let attentional =
      attention == nil
      ? nil
      : outputMask == nil ? feed.rows(states) : arena.matrix(rows: layout.positions, columns: hiddenSize)
    return Pass(
      inputs: layerInputs, masks: masks, layers: passes, initial: initial,
      attention: source.flatMap { source in
        attention.map { $0.makePass(source, positions: layout.positions, shard) }
      },
      attentional: attentional, feed: feed,
      outputs: arena.matrix(rows: layout.positions, columns: outputSize))
  }

  /// Runs all steps and computes the outputs of every position.
  func forward(_ pass: Pass, _ shard: Shard) {
    let layout = shard.layout
    layers[0].project(.features(pass.inputs[0]), 0..<layout.positions, pass.layers[0], shard)
    for step in 0..<layout.steps { stepForward(layout.segments(step: step, .forward)[0], pass, shard) }
    projectOutputs(pass, shard)
  }

  /// y = W a + b at every position.
  func projectOutputs(_ pass: Pass, _ shard: Shard) {
    output.forward(
      pass.feed.rows(shard.layout.rows..<pass.feed.rows), initial: .row(outputBias.row), into: pass.outputs,
      record: nil, shard)
  }

  /// One time step. The inputs of the first layer must have been projected.
  func stepForward(_ segment: StepSegment, _ pass: Pass, _ shard: Shard) {
    let kernels = shard.kernels
    let positions = segment.positions
    for (index, layer) in layers.enumerated() {
      let layerPass = pass.layers[index]
      if index > 0 {
        if let mask = pass.masks[index] {
          kernels.multiply(
            pass.layers[index - 1].hidden.rows(segment.current), mask.rows(positions),
            into: pass.inputs[index].rows(positions))
        }
        layer.project(.features(pass.inputs[index]), positions, layerPass, shard)
      } else if let feeding {
        feeding.forward(
          pass.feed.rows(segment.previous), initial: .result, into: layerPass.gates.rows(positions),
          record: nil, shard)
      }
      layer.stepForward(segment, layerPass, shard)
    }
    let top = pass.top.rows(segment.current)
    var read = top
    if let attention, let combination, let attentionPass = pass.attention,
      let attentional = pass.attentional?.rows(positions)
    {
      attention.forward(top, positions, attentionPass, shard)
      combination.context.forward(
        attentionPass.contexts.rows(positions), initial: .zero, into: attentional, record: nil, shard)
      combination.state.forward(top, initial: .result, into: attentional, record: nil, shard)
      kernels.applyHyperbolicTangent(attentional)
      read = attentional
    }
    if let mask = pass.masks[layers.count] {
      kernels.multiply(read, mask.rows(positions), into: pass.feed.rows(segment.current))
    }
  }

  private func mask(width: Int, level: Int, _ shard: Shard) -> Matrix? {
    guard let key = shard.dropoutKey, dropout > 0 else { return nil }
    let mask = shard.arena.matrix(rows: shard.layout.positions, columns: width)
    shard.kernels.dropoutMask(
      key: RandomKey(
        seed: key.seed, purpose: AttentionDecoder.dropoutPurpose + UInt32(level), step: key.step),
      rows: shard.globalPositions, rate: dropout, width: width, into: mask)
    return mask
  }
}
