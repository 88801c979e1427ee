import Foundation
import WeftBase
import WeftTasks
import WeftTraining

/// What a `weft_model` of C points to.
final class ModelHandle {
  let model: TrainedModel
  let predictor: ArrayPredictor
  /// Texts that live as long as the model.
  private let tokens: [UnsafeMutablePointer<CChar>?]
  private let classes: [UnsafeMutablePointer<CChar>?]
  /// One caller computes at a time: the workers and their memory belong to the model.
  private let lock = NSLock()

  init(path: String, threads: Int?) throws(WeftError) {
    model = try TrainedModel(path, threads: threads)
    predictor = try model.makeArrayPredictor()
    tokens = (model.vocabulary?.tokens ?? []).map { strdup($0) }
    classes = predictor.classes.map { strdup($0) }
  }

  deinit { for text in tokens + classes { free(text) } }

  /// Calls `body` when no other call uses the model.
  func withLock<Result>(_ body: (ModelHandle) throws(WeftError) -> Result) throws(WeftError) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(self)
  }

  func tokenText(_ number: Int) -> UnsafePointer<CChar>? {
    tokens.indices.contains(number) ? tokens[number].map { UnsafePointer($0) } : nil
  }

  func className(_ number: Int) -> UnsafePointer<CChar>? {
    classes.indices.contains(number) ? classes[number].map { UnsafePointer($0) } : nil
  }

  /// Features of a step; 0 for tokens.
  var inputSize: Int { if case .features(let count) = predictor.input { count } else { 0 } }
  /// Tokens of the vocabulary; 0 for features.
  var tokenCount: Int { if case .tokens(let count) = predictor.input { count } else { 0 } }

  /// The model that a pointer of C's refers to.
  static func of(_ pointer: OpaquePointer?) throws(WeftError) -> ModelHandle {
    guard let pointer else { throw .usage("the model is NULL") }
    return Unmanaged<ModelHandle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }
}

/// What a `weft_stepper` of C points to.
final class StepperHandle {
  private let handle: ModelHandle
  private var stepper: ModelStepper

  init(_ handle: ModelHandle) throws(WeftError) {
    self.handle = handle
    stepper = try handle.withLock { (handle) throws(WeftError) in try handle.model.makeStepper() }
  }

  /// Begins another sequence.
  func reset() throws(WeftError) {
    stepper = try handle.withLock { (handle) throws(WeftError) in try handle.model.makeStepper() }
  }

  /// Features of a step; 0 for tokens.
  var inputSize: Int { handle.inputSize }

  /// - Precondition: There are as many as the model reads.
  func step(_ features: [Double]) throws(WeftError) -> [Double] {
    try handle.predictor.check(features, "step \(stepper.step)")
    return try stepper.step(features: features).values
  }

  func step(token: Int) throws(WeftError) -> [Double] { try stepper.step(token: token).values }

  /// The stepper that a pointer of C's refers to.
  static func of(_ pointer: OpaquePointer?) throws(WeftError) -> StepperHandle {
    guard let pointer else { throw .usage("the stepper is NULL") }
    return Unmanaged<StepperHandle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }
}
