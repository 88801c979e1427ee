import Foundation
import Synchronization
import WeftBase
import WeftTraining

/// A training run on a thread of its own, for programs with Swift concurrency.
///
/// ```swift
/// let run = TrainingRun { try Trainer(configuration, data: data, output: "runs/a") }
/// for await progress in run.progress { print(progress.step, progress.loss) }
/// print(try await run.ending)
/// ```
///
/// Cancelling the task that waits for ``ending`` ends the run after its current step, with a checkpoint.
public final class TrainingRun: Sendable {
  /// The progress after each step; a slow reader misses steps. It ends with the run.
  public let progress: AsyncStream<TrainingProgress>
  private let state = Mutex(State())

  private struct State {
    var isCancelled = false
    var result: Result<Trainer.Ending, WeftError>?
    var waiting: [CheckedContinuation<Trainer.Ending, any Error>] = []
  }

  /// Starts a run.
  ///
  /// - Parameter trainer: Makes the trainer, on the run's thread; its errors are those of ``ending``.
  public init(_ trainer: @escaping @Sendable () throws(WeftError) -> Trainer) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: TrainingProgress.self, bufferingPolicy: .bufferingNewest(1))
    progress = stream
    let thread = Thread { [self] in
      let result: Result<Trainer.Ending, WeftError>
      do throws(WeftError) {
        result = .success(
          try trainer().run(
            onProgress: { continuation.yield($0) }, interruption: { self.state.withLock(\.isCancelled) }))
      } catch { result = .failure(error) }
      continuation.finish()
      let waiting = state.withLock { state in
        state.result = result
        defer { state.waiting = [] }
        return state.waiting
      }
      for continuation in waiting { continuation.resume(with: result.mapError { $0 as any Error }) }
    }
    // Kernels keep little on the stack, but the default of 512 KiB is tight for all else.
    thread.stackSize = 8 << 20
    thread.name = "weft training"
    thread.start()
  }

  /// How the run ended, once it has.
  ///
  /// - Throws: ``WeftError`` if the run failed.
  public var ending: Trainer.Ending {
    get async throws {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let result = state.withLock { state in
            if state.result == nil { state.waiting.append(continuation) }
            return state.result
          }
          if let result { continuation.resume(with: result.mapError { $0 as any Error }) }
        }
      } onCancel: {
        cancel()
      }
    }
  }

  /// Ends the run after its current step, with a checkpoint.
  public func cancel() { state.withLock { $0.isCancelled = true } }
}
