import TestSupport
import Testing

@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor

@Suite struct EncoderDecoderTests {
  /// The gradient matches finite differences along random directions, in every variant. Cells with kinks are left out,
  /// at which differences fail.
  @Test(arguments: EncoderDecoderCase.all.filter { ![.relu, .indRNN, .minGRU, .minLSTM].contains($0.kind) })
  func gradientsAreThoseOfTheLoss(
    _ test: EncoderDecoderCase
  ) {
    let run = test.make()
    let result = run.backpropagate(threads: 3)
    var random = SplitMix(seed: 17)
    // One direction per parameter, so that failures name it.
    for parameter in run.model.layout.parameters {
      let gradient = run.gradient(of: parameter, in: result)
      let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      // Half of it along the gradient, for a significant difference.
      let direction = zip(gradient, random.floats(parameter.count)).map {
        Double($0) / max(norm, 1e-6) + 0.5 * Double($1) / Double(parameter.count).squareRoot()
      }
      let expected = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      func loss(_ step: Double) -> Double {
        var moved = run
        for (index, value) in direction.enumerated() {
          moved.parameters[parameter.offset + index] += Float(step * value)
        }
        return moved.trainingLoss()
      }
      // Richardson extrapolation of two step sizes: the error is of fourth order.
      let width = 0.008
      let (near, far) = (
        (loss(width) - loss(-width)) / (2 * width), (loss(2 * width) - loss(-2 * width)) / (4 * width)
      )
      let measured = (4 * near - far) / 3
      // Where the loss is too curved for the two step sizes to agree, the comparison is skipped.
      let uncertainty = 2 * abs(near - far)
      #expect(
        abs(measured - expected) < 2e-4 + 2e-3 * abs(expected) + uncertainty,
        "\(parameter.name): \(expected), \(measured)")
    }
  }

  /// Losses, gradients, norms and outputs have the same bits for any number of threads.
  @Test(arguments: EncoderDecoderCase.all.filter { [.lstm, .gru, .sLSTM, .lru].contains($0.kind) })
  func anyNumberOfThreadsGivesTheSameBits(_ test: EncoderDecoderCase) {
    let run = test.make(rows: 23)
    func bits(_ threads: Int, _ engine: Engine) -> [UInt64] {
      let result = run.backpropagate(threads: threads, lanes: 7, engine: engine)
      let written = run.model.decode(
        run.batch, BeamSearch(beam: 3, maximumLength: 6), wantsAttention: true,
        on: run.executor(threads: threads, lanes: 7, engine: engine))
      return [result.found.loss.bitPattern, result.found.correct.bitPattern, result.norm.bitPattern]
        + result.gradient.map { UInt64($0.bitPattern) }
        + result.found.gradientNorms.flatMap { $0.map { UInt64($0.bitPattern) } }
        + written.flatMap {
          $0.flatMap { hypothesis in
            [hypothesis.score.bitPattern] + hypothesis.tokens.map { UInt64($0) }
              + hypothesis.attention.flatMap { $0.map { UInt64($0.bitPattern) } }
          }
        }
    }
    let one = bits(1, .baseline)
    for threads in [2, 3, 4, 7] { #expect(bits(threads, .baseline) == one, "\(threads) threads") }
    for set in InstructionSet.available {
      #expect(bits(2, Engine(set)) == one, "\(set.rawValue)")
    }
  }

  /// The result of a row does not depend on other rows.
  @Test(arguments: AttentionKind.allCases) func rowsDoNotTouchEachOther(_ attention: AttentionKind) {
    let run = EncoderDecoderCase(kind: .lstm, attention: attention, variant: .stacked).make(rows: 5)
    let search = BeamSearch(beam: 4, maximumLength: 5)
    let together = run.model.decode(run.batch, search, on: run.executor())
    guard case .tokens(let tokens) = run.batch.inputs else { return }
    for row in 0..<5 {
      let own = Array(tokens[run.batch.offsets[row]..<run.batch.offsets[row + 1]])
      let alone = Minibatch(lengths: [own.count], inputs: .tokens(own), targets: nil)
      #expect(run.model.decode(alone, search, on: run.executor())[0] == together[row])
    }
  }

  /// An autoencoder without decoder inputs reconstructs as in training, in the order of the inputs.
  @Test(arguments: CellType.allCases) func reconstructsInTheInputsOrder(_ kind: CellType) {
    var configuration = Configuration()
    configuration.model.kind = .autoencoder
    configuration.model.cell = kind
    configuration.model.hidden = 6
    configuration.decoder.inputs = .none
    configuration.loss.kind = .squaredError
    var random = SplitMix(seed: 4)
    let model = EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: false,
      shape: ModelShape(input: .features(2), outputs: 2))
    let lengths = [5, 3, 3, 1]
    let batch = Minibatch(
      lengths: lengths, inputs: .features(random.floats(24), width: 2), targets: nil
    ).reversingInputs
    let executor = Executor(
      model, parameters: model.initialParameters(seed: 2), engine: .baseline, threads: 2, lanes: 3)
    let loss = model.evaluate(batch, loss: Loss(kind: .squaredError), on: executor).loss
    let written = model.reconstruct(batch, on: executor).values
    guard case .features(let steps) = batch.inputs, case let inputs = steps.values else { return }
    let expected = zip(written, inputs).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    #expect(abs(loss - expected) < 1e-5 * loss)
  }
}
