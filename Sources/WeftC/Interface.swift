import Foundation
import WeftBase

// The functions of include/weft.h, which documents them. None traps on bad arguments.

/// Where C receives the text of an error.
public typealias ErrorPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Calls `body`; an error goes to its place, and nil is returned.
private func reporting<Result>(
  _ place: ErrorPlace?, _ body: () throws(WeftError) -> Result
) -> Result? {
  place?.pointee = nil
  do { return try body() } catch {
    place?.pointee = strdup(error.message)
    return nil
  }
}

private func retained(_ object: AnyObject) -> OpaquePointer {
  OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

private func release<Object: AnyObject>(_ pointer: OpaquePointer?, _: Object.Type) {
  if let pointer { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).release() }
}

private nonisolated(unsafe) let version = strdup(weftVersion)

/// Implements `weft_version`.
@_cdecl("weft_version")
public func versionText() -> UnsafePointer<CChar>? { version.map { UnsafePointer($0) } }

/// Implements `weft_free`.
@_cdecl("weft_free")
public func freeError(_ error: UnsafeMutablePointer<CChar>?) { free(error) }

// MARK: - Models

/// Implements `weft_open`.
@_cdecl("weft_open")
public func open(_ path: UnsafePointer<CChar>?, _ error: ErrorPlace?) -> OpaquePointer? {
  open(path, threads: 0, error)
}

/// More threads than any machine has are a mistake of the caller's.
private let mostThreads: Int32 = 4096

/// Implements `weft_open_with_threads`.
@_cdecl("weft_open_with_threads")
public func open(_ path: UnsafePointer<CChar>?, threads: Int32, _ error: ErrorPlace?) -> OpaquePointer? {
  reporting(error) { () throws(WeftError) in
    guard let path else { throw .usage("the path is NULL") }
    guard (0...mostThreads).contains(threads) else {
      throw .usage("the number of threads is \(threads), not 0 to \(mostThreads)")
    }
    guard let path = String(validatingCString: path) else { throw .usage("the path is not UTF-8") }
    return retained(try ModelHandle(path: path, threads: threads == 0 ? nil : Int(threads)))
  }
}

/// Implements `weft_close`.
@_cdecl("weft_close")
public func close(_ model: OpaquePointer?) { release(model, ModelHandle.self) }

/// Implements `weft_input_size`.
@_cdecl("weft_input_size")
public func inputSize(_ model: OpaquePointer?) -> Int64 {
  (try? ModelHandle.of(model)).map { Int64($0.inputSize) } ?? 0
}

/// Implements `weft_token_count`.
@_cdecl("weft_token_count")
public func tokenCount(_ model: OpaquePointer?) -> Int64 {
  (try? ModelHandle.of(model)).map { Int64($0.tokenCount) } ?? 0
}

/// Implements `weft_token_number`.
@_cdecl("weft_token_number")
public func tokenNumber(_ model: OpaquePointer?, _ token: UnsafePointer<CChar>?) -> Int64 {
  guard let handle = try? ModelHandle.of(model), let vocabulary = handle.model.vocabulary, let token,
    let text = String(validatingCString: token),
    let number = vocabulary.number(of: text) ?? vocabulary.unknown
  else { return -1 }
  return Int64(number)
}

/// Implements `weft_token_text`.
@_cdecl("weft_token_text")
public func tokenText(_ model: OpaquePointer?, _ token: Int64) -> UnsafePointer<CChar>? {
  (try? ModelHandle.of(model))?.tokenText(Int(token))
}

/// Implements `weft_output_size`.
@_cdecl("weft_output_size")
public func outputSize(_ model: OpaquePointer?) -> Int64 {
  (try? ModelHandle.of(model)).map { Int64($0.predictor.outputSize) } ?? 0
}

/// Implements `weft_output_count`.
@_cdecl("weft_output_count")
public func outputCount(_ model: OpaquePointer?, _ steps: Int64) -> Int64 {
  guard let handle = try? ModelHandle.of(model), steps >= 1, steps <= ArrayShape.mostSteps else { return 0 }
  return Int64(handle.predictor.outputCount(Int(steps)))
}

/// Implements `weft_class_name`.
@_cdecl("weft_class_name")
public func className(_ model: OpaquePointer?, _ number: Int64) -> UnsafePointer<CChar>? {
  (try? ModelHandle.of(model))?.className(Int(number))
}

// MARK: - Sequences

/// Implements `weft_predict`.
@_cdecl("weft_predict")
public func predict(
  _ model: OpaquePointer?, _ inputs: UnsafePointer<Double>?, _ steps: Int64, _ batch: Int64,
  _ lengths: UnsafePointer<Int64>?, _ outputs: UnsafeMutablePointer<Double>?, _ error: ErrorPlace?
) -> Int32 {
  let isDone: Void? = reporting(error) { () throws(WeftError) in
    let handle = try ModelHandle.of(model)
    guard handle.inputSize > 0 else {
      throw .usage("\(handle.model.path): reads tokens, not numbers; use weft_predict_tokens")
    }
    guard let inputs, let outputs else { throw .usage("inputs or outputs are NULL") }
    let shape = try ArrayShape(handle, steps: steps, batch: batch, lengths: lengths)
    let width = handle.inputSize
    let results = try handle.withLock { (handle) throws(WeftError) in
      var results = PredictedArray(shape)
      try handle.predictor.predict(
        lengths: shape.lengths,
        features: { sequence, step in
          Array(UnsafeBufferPointer(start: inputs + (sequence * shape.steps + step) * width, count: width))
        }, on: handle.model.executor, onOutputs: { results.add($1, sequence: $0) })
      return results
    }
    results.copy(to: outputs)
  }
  return isDone == nil ? 1 : 0
}

/// Implements `weft_predict_tokens`.
@_cdecl("weft_predict_tokens")
public func predict(
  _ model: OpaquePointer?, tokens: UnsafePointer<Int32>?, _ steps: Int64, _ batch: Int64,
  _ lengths: UnsafePointer<Int64>?, _ outputs: UnsafeMutablePointer<Double>?, _ error: ErrorPlace?
) -> Int32 {
  let isDone: Void? = reporting(error) { () throws(WeftError) in
    let handle = try ModelHandle.of(model)
    guard handle.tokenCount > 0 else {
      throw .usage("\(handle.model.path): reads numbers, not tokens; use weft_predict")
    }
    guard let tokens, let outputs else { throw .usage("tokens or outputs are NULL") }
    let shape = try ArrayShape(handle, steps: steps, batch: batch, lengths: lengths)
    let results = try handle.withLock { (handle) throws(WeftError) in
      var results = PredictedArray(shape)
      try handle.predictor.predict(
        lengths: shape.lengths, tokens: { sequence, step in tokens[sequence * shape.steps + step] },
        on: handle.model.executor, onOutputs: { results.add($1, sequence: $0) })
      return results
    }
    results.copy(to: outputs)
  }
  return isDone == nil ? 1 : 0
}

// MARK: - Steps

/// Implements `weft_stepper_create`.
@_cdecl("weft_stepper_create")
public func createStepper(_ model: OpaquePointer?, _ error: ErrorPlace?) -> OpaquePointer? {
  reporting(error) { () throws(WeftError) in retained(try StepperHandle(ModelHandle.of(model))) }
}

/// Implements `weft_step`.
@_cdecl("weft_step")
public func step(
  _ stepper: OpaquePointer?, _ features: UnsafePointer<Double>?, _ size: Int64,
  _ outputs: UnsafeMutablePointer<Double>?, _ error: ErrorPlace?
) -> Int32 {
  let isDone: Void? = reporting(error) { () throws(WeftError) in
    let handle = try StepperHandle.of(stepper)
    guard let features, let outputs else { throw .usage("features or outputs are NULL") }
    guard size == handle.inputSize else {
      throw .usage("a step has \(size) numbers; the model reads \(handle.inputSize)")
    }
    let values = try handle.step(Array(UnsafeBufferPointer(start: features, count: Int(size))))
    outputs.update(from: values, count: values.count)
  }
  return isDone == nil ? 1 : 0
}

/// Implements `weft_step_token`.
@_cdecl("weft_step_token")
public func step(
  _ stepper: OpaquePointer?, token: Int32, _ outputs: UnsafeMutablePointer<Double>?, _ error: ErrorPlace?
) -> Int32 {
  let isDone: Void? = reporting(error) { () throws(WeftError) in
    let handle = try StepperHandle.of(stepper)
    guard let outputs else { throw .usage("outputs are NULL") }
    let values = try handle.step(token: Int(token))
    outputs.update(from: values, count: values.count)
  }
  return isDone == nil ? 1 : 0
}

/// Implements `weft_stepper_reset`.
@_cdecl("weft_stepper_reset")
public func reset(_ stepper: OpaquePointer?) { try? StepperHandle.of(stepper).reset() }

/// Implements `weft_stepper_destroy`.
@_cdecl("weft_stepper_destroy")
public func destroy(_ stepper: OpaquePointer?) { release(stepper, StepperHandle.self) }
