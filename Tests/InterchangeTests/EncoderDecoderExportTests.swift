import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor
@testable import WeftTraining

/// Encoder-decoders and autoencoders as two graphs, which ONNX Runtime computes step by step.
@Suite(.enabled(if: Python.has("onnx", "onnxruntime", "h5py"), Python.missing))
struct EncoderDecoderExportTests {
  private static let encoderDecoders = [
    ["model.cell=lstm", "model.hidden=7", "decoder.attention=additive"],
    ["model.cell=gru", "model.hidden=6", "decoder.attention=dot", "decoder.input_feeding=false"],
    [
      "model.cell=lstm", "model.hidden=5", "model.bidirectional=true", "model.layers=2", "decoder.layers=3",
      "decoder.attention=general",
    ],
    ["model.cell=lstm", "model.hidden=7", "decoder.attention=none", "decoder.bridge=copy"],
    [
      "model.cell=lstm", "model.hidden=4", "model.bidirectional=true", "decoder.hidden=8",
      "decoder.attention=dot",
      "decoder.bridge=copy",
    ],
    ["model.cell=lstm", "model.hidden=7", "decoder.attention=none", "decoder.inputs=none"],
    ["model.cell=gru", "model.hidden=7", "decoder.inputs=none", "decoder.attention=additive"],
    ["model.layers=0", "model.cell=lstm", "model.hidden=7", "decoder.attention=additive"],
    [
      "model.blocks=[{convolution: 6, width: 3, activation: relu}, {cell: lstm, hidden: 5, bidirectional: true, merge: sum},"
        + " {normalization: layer}]", "decoder.cell=gru-reset-after", "decoder.hidden=6",
    ],
    [
      "model.cell=rnn-tanh", "model.hidden=6", "decoder.cell=lstm-peephole", "decoder.embedding=6",
      "decoder.tie_weights=true",
    ],
    ["model.cell=slstm", "model.hidden=6", "model.heads=2", "decoder.attention=additive"],
    ["model.cell=slstm", "model.hidden=6", "decoder.attention=none", "decoder.bridge=copy"],
    ["model.cell=lru", "model.hidden=6", "decoder.attention=dot"],
    ["model.cell=min-gru", "model.hidden=6", "decoder.cell=indrnn", "decoder.attention=general"],
    ["model.cell=lstm", "model.hidden=6", "model.layer_normalization=true", "decoder.attention=additive"],
    ["model.cell=gru", "model.hidden=6", "model.zoneout=0.2", "decoder.attention=dot"],
  ]

  @Test(arguments: encoderDecoders, [true, false])
  func tokensAreTheSame(_ overrides: [String], isRagged: Bool) throws {
    for readsTokens in [true, false] {
      let made = try Made(
        kind: "encoder-decoder", overrides, input: readsTokens ? .tokens(11) : .features(5), outputs: 9)
      let search = BeamSearch(beam: 1, lengthPenalty: 0, maximumLength: 8)
      try made.check(isRagged: isRagged, isAutoencoder: false) { batch, executor in
        let written = made.model.decode(batch, search, on: executor).map { $0[0].tokens }
        #expect(written.contains { !$0.isEmpty })
        return written.flatMap { $0.map { Float($0) } }
      }
    }
  }

  @Test(arguments: [
    ["model.cell=lstm", "model.hidden=7"], ["model.cell=gru", "model.hidden=7", "decoder.inputs=none"],
    ["model.cell=lstm", "model.hidden=5", "model.bidirectional=true", "decoder.layers=2"],
  ])
  func reconstructionsAreTheSame(_ overrides: [String]) throws {
    let made = try Made(kind: "autoencoder", overrides, input: .features(4), outputs: 4)
    for isRagged in [true, false] {
      try made.check(isRagged: isRagged, isAutoencoder: true) { batch, executor in
        made.model.reconstruct(batch, on: executor).values
      }
    }
  }

  @Test func otherFormatsAreRefused() throws {
    let made = try Made(
      kind: "encoder-decoder", ["model.cell=lstm", "model.hidden=7"], input: .tokens(11), outputs: 9)
    for format in InterchangeFormat.allCases where format != .onnx {
      let error = #expect(throws: WeftError.self) {
        try format.write(
          made.network, metadata: NetworkMetadata(), options: ExportOptions(), activation: .none,
          to: "/dev/null",
          source: "test")
      }
      let wanted =
        [.keras, .kerasWeights].contains(format) ? "no stock layer of Keras" : "add --module model.py"
      #expect(error?.message.contains(wanted) == true)
    }
  }

  /// A model with random weights.
  private struct Made {
    let model: EncoderDecoderModel
    let parameters: Tensor
    let network: EncoderDecoderDescription

    init(kind: String, _ overrides: [String], input: StepKind, outputs: Int) throws {
      var keys = ["model.kind=\(kind)"] + overrides
      if kind == "autoencoder" { keys.append("loss.kind=squared-error") }
      if case .tokens = input { keys.append("model.embedding=6") }
      let configuration = try Configuration(
        yaml: "data: {file: data.h5}\ntraining: {steps: 1}\n", name: "test", overrides: keys)
      let shape = ModelShape(input: input, outputs: outputs)
      model = try EncoderDecoderModel(
        configuration.model, decoder: configuration.decoder, writesTokens: kind != "autoencoder",
        fitting: shape,
        file: "test")
      parameters = Tensor(rows: 1, columns: model.layout.count)
      var random = SplitMix(seed: 31)
      for parameter in model.layout.parameters {
        var values = random.floats(parameter.count, in: -1...1)
        // Sequences do not end at once.
        if parameter.name == "output/bias", kind != "autoencoder" { values[values.count - 1] = -4 }
        parameter.matrix(in: parameters.matrix).assign(values)
      }
      network = try EncoderDecoderDescription(
        Checkpoint(
          configuration: configuration, shape: shape, vocabulary: nil, state: TrainingState(),
          arrays: model.layout.arrays(of: parameters, group: "weights")), file: "test")
    }

    func check(
      isRagged: Bool, isAutoencoder: Bool, _ outputs: (Minibatch, Executor) throws -> [Float]
    ) throws {
      let folder = try TemporaryFolder()
      let sequences = Sequences(for: network.encoder, isRagged: isRagged)
      let executor = Executor(
        model, parameters: parameters, engine: try Engine.best(model.layout.dotAlgorithm), threads: 1,
        lanes: 4)
      let file = try File(creating: folder.file("case.case"))
      let wanted = try outputs(Minibatch(lengths: sequences.lengths, inputs: sequences.inputs), executor)
      try sequences.write(to: file, padding: 1, outputs: wanted)
      try file.close()
      let files = try InterchangeFormat.onnx.write(
        network, metadata: NetworkMetadata(), options: ExportOptions(isRagged: isRagged), activation: .none,
        to: folder.file("model.onnx"), source: "test")
      #expect(files == [folder.file("model.onnx"), folder.file("model.decoder.onnx")])
      let tokens = if case .tokens(let count) = network.encoder.input { count } else { 0 }
      var written = WrittenBlocks(
        format: "onnx-decoder", file: "model.onnx", case: "case.case", ragged: isRagged,
        steps: isAutoencoder ? "every-step" : "last-step", tokens: tokens)
      try WrittenBlocks.check([written], in: folder)
      guard let python = InteropPython.path else { return }
      (written.format, written.file) = ("torch-decoder", "model.safetensors")
      _ = try InterchangeFormat.safetensors.write(
        network, metadata: NetworkMetadata(), options: ExportOptions(hasProgram: true), activation: .none,
        to: folder.file(written.file), source: "test")
      try InterchangeFormat.safetensors.writeProgram(
        network, to: folder.file("model.py"), weights: folder.file(written.file))
      try WrittenBlocks.check([written], in: folder, python: python)
    }
  }
}
