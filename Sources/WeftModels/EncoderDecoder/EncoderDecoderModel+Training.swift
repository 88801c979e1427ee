import KernelInterface
import WeftBase
import WeftData
import WeftLayers
import WeftParallel

extension EncoderDecoderModel: TrainableModel {
  package var tracedLayers: [TracedLayer] {
    (encoder?.tracedLayers ?? [])
      + decoder.layers.indices.map { TracedLayer(name: "decoder/layer\($0)", direction: .forward) }
  }

  package var stepWeightBytes: Int {
    max(encoder?.stepWeightBytes ?? 0, decoder.layers.map(\.stepWeightBytes).max() ?? 0)
  }

  package func tracedSteps(of batch: Minibatch) -> [Int] {
    let written = (batch.targets?.sequences?.lengths.max() ?? 0) + (writesTokens ? 1 : 0)
    return (encoder?.layers ?? []).map { _ in batch.lengths[0] } + decoder.layers.map { _ in written }
  }

  /// Number of target tokens, including end tokens, or of values.
  package func targetCount(of batch: Minibatch, loss: Loss) -> Int {
    guard let sequences = batch.targets?.sequences else { return 0 }
    let steps = sequences.offsets[sequences.lengths.count]
    return writesTokens ? steps + batch.share.count(before: batch.rows) : steps * shape.outputs
  }

  /// Activations over a shard.
  private struct Pass {
    let encoding: Encoding
    let memory: SourceMemory
    let bridgeSources: [StateBridge.Source]
    let decoder: AttentionDecoder.Pass
    /// Input tokens of the decoder, if any.
    let previous: [Int32]?
  }

  package func run(_ task: ShardTask, _ shard: Shard) -> ShardResult {
    let targets = DecoderTargets(task.batch, boundary: writesTokens ? boundary : nil, shard)
    let (pass, written) = forward(task.batch, targets, shard)
    guard let loss = task.loss else {
      shard.finishForward()
      return ShardResult(lanes: [])
    }
    let losses = shard.arena.matrix(rows: 1, columns: targets.shard.layout.positions)
    let correct = shard.arena.matrix(rows: 1, columns: targets.shard.layout.positions)
    loss.evaluate(
      outputs: pass.decoder.outputs, targets: written, scale: task.scale, losses: losses, correct: correct,
      targets.shard)
    shard.finishForward()
    if shard.wantsGradients { backward(pass, targets, norms: task.norms, shard) }
    return ShardResult(
      losses: losses, correct: writesTokens ? correct : nil, index: targets.shard.layout.lanePositions)
  }

  private func forward(
    _ batch: Minibatch, _ targets: DecoderTargets, _ shard: Shard
  ) -> (Pass, written: Targets<Matrix>) {
    let encoding = encode(
      batch.shardInputs(shard), shard)
    let memory = SourceMemory(encoding.output, rows: targets.rows, shard)
    let sources = bridgeSources(encoding, memory, rows: targets.rows, shard)
    let written: Targets<Matrix>
    var previous: [Int32]?
    let inputs: Matrix
    if writesTokens {
      let tokens = targets.tokens(boundary: boundary)
      written = .classes(tokens.written)
      inputs = makeInputs(targets.shard)
      targetEmbedding?.forward(tokens.previous, into: inputs, targets.shard)
      previous = tokens.previous
    } else {
      let features = targets.features()
      written = .values(features.written)
      inputs = readsPrevious ? features.previous : makeInputs(targets.shard)
    }
    let initial = zip(bridges, sources).map { $0.forward($1, targets.shard) }
    let pass = decoder.makePass(
      inputs, initial: initial, source: decoder.attention == nil ? nil : memory, targets.shard)
    decoder.forward(pass, targets.shard)
    return (
      Pass(
        encoding: encoding, memory: memory, bridgeSources: sources, decoder: pass, previous: previous),
      written
    )
  }

  /// Allocates the inputs of the decoder at every position, initially zeros.
  private func makeInputs(_ shard: Shard) -> Matrix {
    let inputs = shard.arena.matrix(rows: shard.layout.positions, columns: decoder.inputSize)
    if targetEmbedding == nil { shard.kernels.fill(inputs, with: 0) }
    return inputs
  }

  private func backward(_ pass: Pass, _ targets: DecoderTargets, norms: GradientNorms?, _ shard: Shard) {
    let encoderLayers = encoder?.layers.count ?? 0
    let decoderLayers = encoderLayers..<encoderLayers + decoder.layers.count
    let decoderNorms = norms?.shardNorms(targets.shard, layers: decoderLayers) ?? []
    let found = decoder.backward(
      pass.decoder, wantsInputs: targetEmbedding?.parameter != nil, tiedGradient: tiedGradient(shard),
      gradientNorms: decoderNorms, targets.shard)
    norms?.collect(decoderNorms, firstLayer: encoderLayers, targets.shard)
    if let targetEmbedding, let inputs = found.inputs, let previous = pass.previous {
      targetEmbedding.backward(inputs, previous, targets.shard)
    }
    let bridged = bridges.indices.map { index in
      bridges[index].backward(
        pass.bridgeSources[index], state: pass.decoder.initial[index], gradient: found.initial[index],
        targets.shard)
    }
    if let decoderPlace { shard.gradientsAreFinal(from: decoderPlace) }
    let finals = backwardBridges(
      bridged, pass.memory, sourceGradient: found.source, rows: targets.rows, shard)
    backwardEncoder(pass, sourceGradient: found.source, finals, norms: norms, shard)
  }

  private func backwardEncoder(
    _ pass: Pass, sourceGradient: Matrix?, _ finals: [ShardState]?, norms: GradientNorms?, _ shard: Shard
  ) {
    let gradient = shard.arena.matrix(like: pass.encoding.output)
    if let sourceGradient {
      pass.memory.scatter(sourceGradient, into: gradient, shard)
    } else {
      shard.kernels.fill(gradient, with: 0)
    }
    var inputGradient: Matrix? = gradient
    if let encoder, let stack = pass.encoding.stack {
      inputGradient =
        sourceEmbedding?.parameter == nil ? nil : shard.arena.matrix(like: pass.encoding.features)
      let encoderNorms = norms?.shardNorms(shard, layers: 0..<encoder.layers.count) ?? []
      encoder.backward(
        stack, outputGradient: gradient, finalGradient: nil, shardFinalGradient: finals,
        inputGradient: inputGradient, initialGradient: nil, gradientNorms: encoderNorms, shard)
      norms?.collect(encoderNorms, shard)
    }
    if case .tokens(let tokens) = pass.encoding.inputs, let sourceEmbedding, let inputGradient {
      sourceEmbedding.backward(inputGradient, tokens, shard)
    }
  }

  package var gradientBoundaries: [Int] {
    (decoderPlace.map { [$0] } ?? []) + (encoder?.gradientBoundaries ?? [])
  }

  /// Offset of the decoder's parameters, after those of the encoder; nil if it is 0.
  private var decoderPlace: Int? {
    layout.parameters.first { $0.name.hasPrefix("decoder/") }.map(\.offset).flatMap { $0 == 0 ? nil : $0 }
  }

  /// Receives the gradient of the output's tied weights, one matrix per node; empty if weights are not tied.
  private func tiedGradient(_ shard: Shard) -> [Matrix] {
    guard let tied = decoder.tied, let offset = layout.secondGradientOffset(of: tied) else { return [] }
    return shard.gradients.map { tied.matrix(in: $0, at: offset) }
  }
}
