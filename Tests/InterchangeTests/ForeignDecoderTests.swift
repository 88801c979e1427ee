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

/// Encoder-decoders of Keras, with what Keras makes of targets and writes by itself (`Fixtures/README.md`).
@Suite struct ForeignDecoderTests {
  private static let fixtures = ForeignFixtures("decoders")
  private static let hints = NetworkHints(startToken: 1, endToken: 2)

  static func names() -> [String] {
    fixtures.names.filter { $0.contains(".") }
  }

  @Test func allAreThere() { #expect(Self.names().count >= 26) }

  @Test(arguments: names())
  func givesTheSame(_ name: String) throws {
    let file = try File(opening: "\(Self.fixtures.folder)/expected.h5")
    let imported = try InterchangeFormat.keras.read("\(Self.fixtures.folder)/\(name)", hints: Self.hints)
    // What is read is a run, too.
    let configuration = try ImportedRun(imported, file: name).configuration
    let network = try #require(imported.encoderDecoder)
    let (model, parameters) = try network.model(configuration, file: name)
    let executor = Executor(
      model, parameters: parameters, engine: try Engine.best(model.layout.dotAlgorithm), threads: 1, lanes: 1)
    let (sources, targets) = (try file.dataset("sources"), try file.dataset("targets"))
    let (rows, length) = (try sources.shape[0], try sources.shape[1])
    let longest = try targets.shape[1]
    let probabilities = try file.dataset("\(name)/probabilities")
    let (written, scores) = (try file.dataset("\(name)/written"), try file.dataset("\(name)/scores"))
    let count = try probabilities.shape[2]
    let values = try probabilities.read(as: Float.self)
    let all = (try sources.read(as: Int32.self), try targets.read(as: Int32.self))
    let texts = (try written.read(as: Int32.self), try scores.read(as: Float.self))
    let steps = try written.shape[1]
    for row in 0..<rows {
      let target = Array(all.1[row * longest..<(row + 1) * longest])
      let batch = Minibatch(
        lengths: [length], inputs: .tokens(Array(all.0[row * length..<(row + 1) * length])),
        targets: .sequences(TargetSequences(lengths: [longest], steps: .tokens(target))))
      let loss = model.evaluate(batch, loss: Loss(kind: .crossEntropy), on: executor).loss
      let expected = (target + [2]).enumerated().reduce(0) { sum, step in
        sum - log(Double(values[(row * (longest + 1) + step.offset) * count + Int(step.element)]))
      }
      #expect(abs(loss - expected) < 1e-4, "\(loss) \(expected)")
      let found = model.decode(
        batch, BeamSearch(beam: 1, lengthPenalty: 0, maximumLength: steps), on: executor)[0][0]
      #expect(found.tokens == texts.0[row * steps..<(row + 1) * steps].filter { $0 >= 0 })
      #expect(abs(found.score - Double(texts.1[row])) < 1e-4)
    }
  }

  @Test func tokensAreNeeded() throws {
    let path = "\(Self.fixtures.folder)/one-hot-7.keras"
    #expect(
      errorMessage { _ = try InterchangeFormat.keras.read(path) }.contains(
        "add --start-token NUMBER --end-token NUMBER"))
    let hints = NetworkHints(startToken: 1, endToken: 10)
    #expect(
      errorMessage { _ = try InterchangeFormat.keras.read(path, hints: hints) }.contains(
        "--end-token at least 0 and below 10"))
  }

  /// Rows of a source need not be tokens; a dataset tells.
  @Test func sourcesCanBeNumbers() throws {
    let path = "\(Self.fixtures.folder)/one-hot-7.keras"
    for (count, input) in [(nil, StepKind.tokens(12)), (12, .tokens(12)), (0, .features(12))] {
      let hints = NetworkHints(startToken: 1, endToken: 2, sourceTokens: count)
      #expect(try InterchangeFormat.keras.read(path, hints: hints).network.input == input)
    }
  }

  @Test(arguments: [
    ("last-of-two", "layer 'decode': starts from a state of 'second', but layer 1 of a decoder"),
    ("exchanged", "layer 'decode': starts from other states of 'lstm"),
    ("one-direction", "than its final hidden state and cell state, of both directions side by side"),
    ("two-dense", "layer 'output': is a second dense layer"),
    ("numbers", "its decoder reads features of 2 and writes 10 tokens; a decoder of Weft reads the tokens"),
    ("attention-without-tanh", "layer 'output': reads 'join', the states and what they attend to"),
    ("attention-with-bias", "layer 'combine': reads 'join', the states and what they attend to"),
    ("attention-wide", "layer 'combine': reads 'join', the states and what they attend to"),
    ("attention-concat", "layer 'attend': score_mode 'concat' is not supported"),
  ])
  func isRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name).keras"
    let message = errorMessage { _ = try InterchangeFormat.keras.read(path, hints: Self.hints) }
    #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
  }
}
