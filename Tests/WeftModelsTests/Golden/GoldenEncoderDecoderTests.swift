import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks

@Suite("Golden encoder-decoders") struct GoldenEncoderDecoderTests {
  static let names = [
    "autoencoder_gru_copy", "autoencoder_lstm", "gru_additive", "gru_dot_feeding",
    "gru_general_feeding_copy", "lstm_additive_feeding", "lstm_general", "lstm_none",
    "patches_additive_feeding", "patches_encoded_additive",
  ]

  /// A case of the file as a model of Weft.
  static func run(_ name: String) throws -> (run: EncoderDecoderRun, group: Group) {
    let group = try GoldenFile.encoderDecoder.open().group(name)
    func integer(_ name: String) throws -> Int { try group.attributes.value(name) }
    func text(_ name: String) throws -> String { try group.attributes.value(name, as: String.self) }
    let readsTokens = try text("inputs") == "tokens"
    let writesTokens = try text("targets") == "tokens"
    var configuration = Configuration()
    configuration.model.kind = writesTokens ? .encoderDecoder : .autoencoder
    configuration.loss.kind = writesTokens ? .crossEntropy : .squaredError
    configuration.model.cell = try #require(CellType(rawValue: text("cell")))
    configuration.model.layers = try integer("layers")
    configuration.model.hidden = try integer("hidden")
    configuration.model.isBidirectional = try integer("bidirectional") != 0
    configuration.model.embedding = readsTokens ? try integer("embedding") : nil
    configuration.decoder.layers = try integer("decoder_layers")
    configuration.decoder.hidden = try integer("decoder_hidden")
    configuration.decoder.embedding = try integer("decoder_embedding")
    let attention: AttentionKind = try #require(AttentionKind(rawValue: text("attention")))
    configuration.decoder.attention = attention
    configuration.decoder.attentionSize =
      configuration.decoder.attention == .additive ? try integer("attention_size") : nil
    configuration.decoder.feedsInput = try integer("feeding") != 0
    configuration.decoder.tieWeights = try integer("tie") != 0
    configuration.decoder.bridge = try #require(BridgeKind(rawValue: text("bridge")))
    configuration.data.file = "data.h5"
    configuration.training.steps = 1
    try configuration.validate()

    let lengths = try group.integers("source_lengths").map(Int.init)
    var batch: Minibatch
    if readsTokens {
      batch = Minibatch(lengths: lengths, inputs: .tokens(try group.integers("source")), targets: nil)
    } else {
      batch = Minibatch(
        lengths: lengths, inputs: .features(try group.floats("source"), width: 3), targets: nil)
    }
    if writesTokens {
      batch = Minibatch(
        lengths: lengths, inputs: batch.inputs,
        targets: .sequences(
          TargetSequences(
            lengths: try group.integers("target_lengths").map(Int.init),
            steps: .tokens(try group.integers("targets")))))
    } else {
      batch = batch.reversingInputs
    }
    let model = EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: writesTokens,
      shape: ModelShape(
        input: readsTokens ? .tokens(9) : .features(3), outputs: writesTokens ? 7 : 3))
    var parameters = [Float](repeating: 0, count: model.layout.count)
    for parameter in model.layout.parameters {
      let values = try group.floats("parameters/\(parameter.name)")
      try #require(values.count == parameter.count, "\(parameter.name)")
      parameters.replaceSubrange(parameter.offset..<parameter.offset + parameter.count, with: values)
    }
    return (
      EncoderDecoderRun(configuration: configuration, model: model, parameters: parameters, batch: batch),
      group
    )
  }

  @Test("Losses and all gradients are PyTorch's", arguments: names)
  func agrees(_ name: String) throws {
    let (run, group) = try Self.run(name)
    let result = run.backpropagate(threads: 2)
    let loss = try group.doubles("loss")[0]
    #expect(abs(result.found.meanLoss - loss) < 1e-6 * loss)
    for parameter in run.model.layout.parameters {
      let difference = relativeDifference(
        run.gradient(of: parameter, in: result), try group.floats("gradients/\(parameter.name)"))
      #expect(difference < 1e-5, "\(parameter.name): \(difference)")
    }
    // All are used.
    var count = 0
    try group.group("gradients").visit { if $0.child.isDataset { count += 1 } }
    #expect(count == run.model.layout.parameters.count)
  }

  @Test(
    "Outputs follow the same attention",
    arguments: names.filter { !$0.contains("none") && !$0.contains("auto") })
  func attention(_ name: String) throws {
    let (run, group) = try Self.run(name)
    // With a minibatch of one row, a search with the widest beam finds its targets among the results.
    let weights = try group.dataset("attention_weights")
    let shape = try weights.shape
    let values = try weights.read(as: Float.self)
    let executor = run.executor()
    let search = BeamSearch(beam: 512, lengthPenalty: 0, maximumLength: 2)
    let found = run.model.decode(run.batch, search, wantsAttention: true, on: executor)
    guard let targets = run.batch.targets?.sequences, case .tokens(let tokens) = targets.steps else { return }
    var compared = 0
    for row in 0..<run.batch.rows where targets.lengths[row] == 1 {
      let target = Array(tokens[targets.offsets[row]..<targets.offsets[row + 1]])
      let hypothesis = try #require(found[row].first { $0.tokens == target && $0.isComplete })
      #expect(hypothesis.attention.count == 2)
      for (step, seen) in hypothesis.attention.enumerated() {
        let start = (row * shape[1] + step) * shape[2]
        let expected = values[start..<start + run.batch.lengths[row]]
        #expect(seen.count == expected.count)
        for (a, b) in zip(seen, expected) { #expect(abs(a - b) < 1e-5) }
        compared += 1
      }
    }
    #expect(compared > 0)
  }
}
