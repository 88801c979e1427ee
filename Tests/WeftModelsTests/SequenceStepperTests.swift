import TestSupport
import Testing

@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

@Suite("Running a sequence step by step") struct SequenceStepperTests {
  static let cases = ModelCase.all(
    [.oneHot, .tiedWeights, .layerNormalization, .learnedState, .givenState, .dropout], seeds: 0..<3)

  @Test("Outputs have the bits that they have in a minibatch", arguments: cases)
  func bits(test: ModelCase) throws {
    let run = test.make(lengths: [23])
    guard case .tokens(let tokens) = run.batch.inputs else { return }
    let parameters = Tensor(rows: 1, columns: run.model.layout.count)
    parameters.values = run.parameters
    for set in InstructionSet.available {
      let executor = Executor(
        run.model, parameters: parameters, engine: Engine(set), threads: 1, lanes: 4)
      let values = run.model.outputs(run.batch, initial: nil, final: nil, on: executor).values
      let stepper = run.model.makeStepper(on: executor)
      for (step, token) in tokens.enumerated() {
        stepper.step(token)
        let bits = stepper.outputs.elements.map(\.bitPattern)
        let expected = values[step * bits.count..<(step + 1) * bits.count].map(\.bitPattern)
        #expect(bits == expected, "\(set), step \(step)")
      }
    }
  }

  @Test func countsTheBytesThatItReads() {
    var configuration = ModelConfiguration()
    configuration.cell = .lstm
    configuration.hidden = 32
    configuration.embedding = 8
    let shape = ModelShape(input: .tokens(17), outputs: 17)
    let model = SequenceModel(configuration, shape: shape)
    // A projected token, gates of the state, and outputs padded to whole panels.
    #expect(model.bytesPerStep == 4 * (128 + 32 * 128 + 32 * 32))
    #expect(model.isLanguageModel)
    configuration.dropout = 0.1
    // With dropout, tokens are not projected in advance: an embedding, and gates of the input as well.
    #expect(
      SequenceModel(configuration, shape: shape).bytesPerStep == 4 * (8 + 8 * 128 + 32 * 128 + 32 * 32))
  }
}
