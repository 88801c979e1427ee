import HDF5
import WeftBase
import WeftData
import WeftModels
import WeftParallel
import WeftTasks
import WeftTensor

/// Runs a trained model on one sequence as its steps come, keeping the states between them.
///
/// A step costs little more than reading the weights, and its output has the bits of a whole sequence.
public final class ModelStepper {
  private let stepper: SequenceStepper
  private let predictor: SequencePredictor
  private let model: TrainedModel
  /// Steps read so far.
  public private(set) var step = 0
  /// Features of a step; 0 for tokens.
  package let width: Int

  /// - Throws: If outputs depend on later steps, or the model is of another kind.
  init(_ model: TrainedModel) throws(WeftError) {
    guard let predictor = model.task.stepPredictor(model.configuration), predictor.model.canBeStepped else {
      throw .model(
        "\(model.path): cannot be stepped: its outputs depend on more than the states of a forward pass; use 'weft"
          + " predict'")
    }
    guard model.configuration.data.missingInputs != .mask else {
      throw .model(
        "\(model.path): cannot be stepped: its inputs have marks of missing values (data.missing_inputs)")
    }
    self.model = model
    self.predictor = predictor
    stepper = predictor.model.makeStepper(on: model.executor)
    width = predictor.model.shape.inputSize
  }

  /// Whether a step is a token, rather than features.
  public var readsTokens: Bool { tokenCount != nil }

  /// Number of tokens; nil if steps are features.
  package var tokenCount: Int? {
    if case .tokens(let count) = predictor.model.shape.input { count } else { nil }
  }

  /// Reads the features of one step, in the units of the data.
  ///
  /// - Returns: The prediction after it.
  /// - Throws: If there are not as many as the model reads, or one is not finite.
  @discardableResult
  public func step(features: [Double]) throws(WeftError) -> StepPrediction {
    guard !readsTokens else { throw .model("\(model.path): reads tokens, not numbers") }
    guard features.count == width else {
      throw .data("step \(step): has \(features.count) numbers; the model reads \(width)")
    }
    if let place = features.firstIndex(where: { !Float($0).isFinite }) {
      throw .data(
        "step \(step): number \(place) is \(features[place]), which is not finite in single precision")
    }
    let scale = model.traits.scaling.ofStep(width: width, stepsAhead: model.configuration.covariateSteps)
    stepper.step(scale?.scaled(features) ?? features.map { Float($0) })
    return prediction()
  }

  /// Reads one token, by its text, or by its number if the model has no vocabulary.
  ///
  /// - Returns: The prediction after it.
  /// - Throws: If the vocabulary does not contain it.
  @discardableResult
  public func step(token: String) throws(WeftError) -> StepPrediction {
    guard let vocabulary = model.vocabulary else {
      guard readsTokens else { throw .model("\(model.path): reads numbers, not tokens") }
      guard let number = Int(token) else {
        throw .data(
          "step \(step): '\(token)' is no number of a token, and \(model.path) has no vocabulary")
      }
      return try step(token: number)
    }
    guard let number = vocabulary.number(of: token) ?? vocabulary.unknown else {
      throw .data("step \(step): the vocabulary does not contain '\(token)'")
    }
    stepper.step(number)
    return prediction()
  }

  /// Reads one token, given by its number in the vocabulary.
  ///
  /// - Returns: The prediction after it.
  /// - Throws: If the vocabulary does not contain it.
  @discardableResult
  public func step(token number: Int) throws(WeftError) -> StepPrediction {
    guard let tokenCount else { throw .model("\(model.path): reads numbers, not tokens") }
    guard (0..<tokenCount).contains(number) else {
      throw .data(
        "step \(step): token \(number) is not in the vocabulary, whose tokens are 0 to \(tokenCount - 1)")
    }
    stepper.step(Int32(number))
    return prediction()
  }

  private func prediction() -> StepPrediction {
    let rows = PredictedRows(
      index: [[step]], columns: predictor.columns(ofRow: stepper.outputs.elements, model.executor.engine))
    step += 1
    return StepPrediction(table: predictor.table(index: ["step"], hasTargets: false), rows: rows)
  }

  /// Writes the states, from which another stepper of the same model can go on.
  ///
  /// - Throws: If the file cannot be written.
  public func save(to path: String) throws(WeftError) {
    let (states, step, modelMark) = (stepper.states, step, modelMark)
    try OutputFile.replace(path) { file in
      try file.attributes.set("weft_format", to: Self.format)
      try file.attributes.set("step", to: step)
      try file.attributes.set("model", to: modelMark)
      for (number, values) in states.enumerated() {
        try file.write("states/\(number)", values, filters: [.fletcher32])
      }
    }
  }

  /// Restores states that ``save(to:)`` wrote.
  ///
  /// - Throws: If the file cannot be read, or is of another model.
  public func restore(from path: String) throws(WeftError) {
    var states: [[Float]] = []
    do {
      let file = try File(opening: path)
      guard try file.attributes.contains("weft_format"),
        try file.attributes.value("weft_format", as: String.self) == Self.format
      else { throw WeftError.model("\(path): contains no states of a model") }
      guard try file.attributes.value("model", as: String.self) == modelMark else {
        throw WeftError.model("\(path): contains the states of another model than \(model.path)")
      }
      let own = stepper.states
      for (number, values) in own.enumerated() {
        let dataset = try file.dataset("states/\(number)")
        guard try dataset.shape == [values.count] else {
          throw WeftError.model("\(path): contains the states of another model than \(model.path)")
        }
        states.append(try dataset.read(as: Float.self))
      }
      step = try BoundedInteger.checked(file.attributes.value("step"), "\(path): attribute 'step'")
    } catch { throw WeftError(error, in: path) }
    stepper.states = states
  }

  private static let format = "states"

  /// Tells models apart: a checksum of the weights (64-bit FNV-1a).
  private var modelMark: String {
    let hash = model.executor.parameters.values.reduce(into: UInt64(0xcbf2_9ce4_8422_2325)) { hash, value in
      hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }
}

/// The prediction of a model after a step.
public struct StepPrediction: Sendable, Equatable {
  package let table: PredictionTable
  package let rows: PredictedRows

  /// The number of the most probable class; nil for other models.
  public var predictedClass: Int? {
    guard let column = table.columns.firstIndex(where: { $0.name == "predicted" }),
      case .integers(let values) = rows.columns[column]
    else { return nil }
    return Int(values[0])
  }

  /// Names of the classes; empty for other models.
  public var classes: [String] { table.classes }

  /// Probabilities of all classes or labels; otherwise the predicted values or medians in the units of the data.
  public var values: [Double] {
    for (column, values) in zip(table.columns, rows.columns) where column.kind != .integer {
      if case .numbers(let numbers) = values { return numbers }
    }
    return []
  }
}

extension TrainedModel {
  /// A stepper at the start of a sequence.
  ///
  /// - Throws: If outputs depend on later steps, or the model is of another kind.
  public func makeStepper() throws(WeftError) -> ModelStepper { try ModelStepper(self) }
}
