import Foundation
import TestSupport
import Testing

@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor
@testable import WeftTraining

/// Weights after a few steps have the same bits as recorded, whatever they are computed on.
///
/// `Fixtures/weight_hashes.txt` contains the SHA-256 of the weights of every training run. After an intended change of
/// results, record them again: `WEFT_RECORD_HASHES=1 swift test --filter WeightHashTests`.
@Suite("Hashes of weights") struct WeightHashTests {
  /// A short training by its configuration.
  struct Training: CustomTestStringConvertible, Sendable {
    let name: String
    let data: HashedData
    let overrides: [String]

    var testDescription: String { name }

    init(_ name: String, _ data: HashedData, _ overrides: String...) {
      self.name = name
      self.data = data
      self.overrides = overrides
    }

    func configuration(_ file: String) throws -> Configuration {
      var keys: [String] = [
        "training.steps=6", "training.lanes=7", "training.batch=13", "training.seed=3",
        "optimizer.learning_rate=0.01", "training.defaults=1",
      ]
      if data == .text { keys.append("data.window=8") }
      return try Configuration(
        yaml: "data: {file: \(file)}\nmodel: {cell: lstm, hidden: 21}", overrides: keys + overrides)
    }

    /// The weights' bytes after the last step, parameter by parameter with names and shapes.
    func weights(
      _ file: String, threads: Int, ranks: any Communicator = SingleRank(), engine: Engine? = nil
    ) throws -> Data {
      let loop = try TrainingLoop(configuration(file), threads: threads, ranks: ranks, engine: engine)
      for _ in 0..<loop.totalSteps { _ = try loop.step() }
      loop.releaseData()
      var bytes = Data()
      for parameter in loop.model.layout.parameters {
        bytes.append(Data("\(parameter.name) \(parameter.rows) \(parameter.columns)\n".utf8))
        for value in parameter.matrix(in: loop.executor.parameters.matrix).elements {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
      }
      return bytes
    }
  }

  static let trainings: [Training] = [
    Training(
      "rnn-tanh on text", .text, "model.cell=rnn-tanh", "model.embedding=9", "training.carry_state=true"),
    Training(
      "rnn-relu on text", .text, "model.cell=rnn-relu", "training.carry_state=true", "training.clip_norm=0.5"),
    Training("lstm on text", .text, "model.embedding=9", "model.layers=2", "training.carry_state=true"),
    Training(
      "lstm-peephole on text", .text, "model.cell=lstm-peephole", "model.layers=2",
      "training.carry_state=true"),
    Training(
      "lstm-projection on text", .text, "model.cell=lstm-projection", "model.projection=7", "model.layers=2",
      "training.carry_state=true", "model.recurrent_dropout=0.2"),
    Training("gru on text", .text, "model.cell=gru", "model.embedding=9", "training.clip_norm=0.5"),
    Training("gru-reset-after on text", .text, "model.cell=gru-reset-after", "model.layers=2"),
    Training(
      "min-gru on text", .text, "model.cell=min-gru", "model.layers=2", "training.carry_state=true",
      "model.initial_state=learned"),
    Training(
      "min-lstm", .steps, "model.cell=min-lstm", "model.layer_normalization=true", "model.bidirectional=true"),
    Training(
      "indrnn on text", .text, "model.cell=indrnn", "model.recurrent_dropout=0.2", "model.layers=2",
      "training.precision=bfloat16", "model.embedding=9"),
    Training(
      "slstm on text", .text, "model.cell=slstm", "model.heads=3", "model.layers=2",
      "training.carry_state=true"),
    Training("lru", .steps, "model.cell=lru", "model.layers=2", "model.initial_state=learned"),
    Training(
      "zoneout and dropped weights", .text, "model.zoneout=0.1", "model.cell_zoneout=0.3",
      "model.drop_connect=0.4", "model.layers=2", "training.carry_state=true"),
    Training(
      "tied weights", .text, "model.embedding=21", "model.tie_weights=true", "training.carry_state=true"),
    Training(
      "dropout", .text, "model.embedding=9", "model.layers=2", "model.dropout=0.3",
      "model.recurrent_dropout=0.2"),
    Training(
      "layer-normalised lstm", .steps, "model.layer_normalization=true", "model.layers=2",
      "model.bidirectional=true"),
    Training(
      "layer-normalised gru", .steps, "model.cell=gru", "model.layer_normalization=true",
      "model.recurrent_dropout=0.2"),
    Training(
      "layer-normalised gru-reset-after", .steps, "model.cell=gru-reset-after",
      "model.layer_normalization=true"),
    Training("layer-normalised rnn", .steps, "model.cell=rnn-tanh", "model.layer_normalization=true"),
    Training(
      "learned initial states", .steps, "model.initial_state=learned", "model.layers=2",
      "training.average_decay=0.9"),
    Training(
      "memory span", .steps, "model.memory_span=20", "model.initialization=he", "optimizer.kind=adamw",
      "optimizer.weight_decay=0.01"),
    Training(
      "memory span of a gru", .steps, "model.cell=gru", "model.memory_span=20", "model.initialization=glorot"),
    Training(
      "bfloat16 lstm on text", .text, "training.precision=bfloat16", "model.embedding=9", "model.layers=2",
      "training.carry_state=true", "model.tie_weights=false"),
    Training(
      "bfloat16 gru with layer normalization", .steps, "training.precision=bfloat16", "model.cell=gru",
      "model.layer_normalization=true", "model.bidirectional=true"),
    Training(
      "bfloat16 in segments", .text, "training.precision=bfloat16", "model.cell=gru-reset-after",
      "model.embedding=9", "training.memory_budget=1", "data.window=200", "model.hidden=40"),
    Training(
      "bfloat16x3 lstm on text", .text, "training.precision=bfloat16x3", "model.embedding=9",
      "model.layers=2",
      "training.carry_state=true"),
    Training(
      "bfloat16x3 in segments", .text, "training.precision=bfloat16x3", "model.cell=gru", "model.embedding=9",
      "training.memory_budget=1", "data.window=200", "model.hidden=40"),
    Training(
      "bfloat16x3 with attention over steps", .classes, "training.precision=bfloat16x3",
      "model.output=attention", "model.bidirectional=true"),
    Training(
      "segments", .text, "model.embedding=9", "training.memory_budget=1", "data.window=200", "model.hidden=40"
    ),
    Training(
      "last step", .classes, "model.output=last-step", "model.bidirectional=true", "optimizer.kind=sgd",
      "optimizer.momentum=0.9", "optimizer.nesterov=true", "loss.label_smoothing=0.1"),
    Training("mean of steps", .classes, "model.output=mean", "model.cell=gru", "optimizer.kind=rmsprop"),
    Training("attention over steps", .classes, "model.output=attention", "optimizer.kind=adagrad"),
    Training(
      "dense with squared error", .dense, "model.output=last-step", "loss.kind=squared-error",
      "data.standardize=true"),
    Training(
      "absolute error", .dense, "model.output=mean", "loss.kind=absolute-error", "training.clip_value=0.01"),
    Training("binary cross-entropy", .dense, "model.output=attention", "loss.kind=binary-cross-entropy"),
    Training("ctc", .labels, "loss.kind=ctc", "model.bidirectional=true", "data.bucket_minibatches=2"),
    Training("ctc with a blank of the data", .labels, "loss.kind=ctc", "loss.blank=4", "model.cell=gru"),
    Training(
      "gaussian forecasts", .series, "loss.kind=gaussian", "data.horizon=3", "data.context=10",
      "model.output=last-step",
      "data.standardize=true", "data.season=4"),
    Training(
      "student-t forecasts fed back", .series, "loss.kind=student-t", "data.horizon=3", "data.context=10",
      "data.covariates=[known]", "data.standardize=true"),
    Training(
      "quantile forecasts", .series, "loss.kind=quantile", "loss.quantiles=[0.2, 0.5, 0.9]", "data.horizon=4",
      "data.context=9", "model.output=mean", "data.covariates=[known]", "data.known_ahead=1",
      "model.cell=gru-reset-after"),
    Training("the next step of a series", .series, "loss.kind=squared-error", "data.window=16"),
    Training(
      "translation", .pairs, "model.kind=encoder-decoder", "model.embedding=8", "model.bidirectional=true",
      "model.dropout=0.2"),
    Training(
      "translation with dot products", .pairs, "model.kind=encoder-decoder", "model.cell=gru",
      "decoder.attention=dot",
      "decoder.layers=2", "model.layers=2"),
    Training(
      "translation with tied weights", .pairs, "model.kind=encoder-decoder", "decoder.embedding=21",
      "decoder.tie_weights=true", "decoder.attention=general", "decoder.input_feeding=false",
      "model.layer_normalization=true"),
    Training(
      "translation without attention", .pairs, "model.kind=encoder-decoder", "decoder.attention=none",
      "decoder.bridge=copy", "model.cell=gru-reset-after"),
    Training(
      "captions of patches", .captions, "model.kind=encoder-decoder", "model.layers=0", "decoder.embedding=8"),
    Training(
      "autoencoder", .steps, "model.kind=autoencoder", "loss.kind=squared-error", "decoder.inputs=none"),
    Training(
      "autoencoder that reads what it wrote", .steps, "model.kind=autoencoder", "loss.kind=absolute-error",
      "model.cell=gru"),
  ]

  private static let fixture = URL(filePath: "\(Bundle.module.bundlePath)/Fixtures/weight_hashes.txt")

  /// By the names of trainings.
  private static let recorded: [String: String] = {
    let lines = (try? String(contentsOf: fixture, encoding: .utf8))?.split(separator: "\n") ?? []
    return Dictionary(uniqueKeysWithValues: lines.map { (String($0.dropFirst(66)), String($0.prefix(64))) })
  }()

  /// By coreutils.
  private static func sha256(_ data: Data, _ folder: TemporaryFolder) throws -> String {
    let file = folder.file("weights.bin")
    try data.write(to: URL(filePath: file))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["sha256sum", file]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: output.prefix(64), as: UTF8.self)
  }

  private static let records = ProcessInfo.processInfo.environment["WEFT_RECORD_HASHES"] != nil

  @Test(
    "As recorded, on any number of threads, ranks and instruction set",
    .enabled(if: !records, "WEFT_RECORD_HASHES is set"),
    arguments: trainings)
  func hashes(training: Training) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("data.h5")
    try training.data.write(to: file)
    let weights = try training.weights(file, threads: 1)
    #expect(try Self.sha256(weights, folder) == Self.recorded[training.name])
    for threads in [2, 3, 7] {
      #expect(try training.weights(file, threads: threads) == weights, "\(threads) threads")
    }
    for set in InstructionSet.available {
      let engine = try Engine(set, dotAlgorithm: training.configuration(file).model.dotAlgorithm)
      #expect(try training.weights(file, threads: 2, engine: engine) == weights, "\(set)")
    }
    for ranks in [2, 3] {
      let found = try ThreadRanks.run(ranks) { try training.weights(file, threads: 1, ranks: $0) }
      for rank in 0..<ranks { #expect(found[rank] == weights, "rank \(rank) of \(ranks)") }
    }
  }

  @Test("Recording", .enabled(if: records, "WEFT_RECORD_HASHES is not set")) func record() throws {
    let folder = try TemporaryFolder()
    let lines = try Self.trainings.enumerated().map { number, training in
      let file = folder.file("\(number).h5")
      try training.data.write(to: file)
      return try Self.sha256(training.weights(file, threads: 1), folder) + "  \(training.name)\n"
    }
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Fixtures/weight_hashes.txt")
    try lines.joined().write(to: path, atomically: true, encoding: .utf8)
  }
}
