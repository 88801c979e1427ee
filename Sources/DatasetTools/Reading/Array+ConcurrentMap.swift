import Dispatch
import WeftBase

extension Array where Element: Sendable {
  /// What a function makes of each element, where it runs on all cores.
  func concurrentMap<Value: Sendable>(_ transform: @escaping @Sendable (Element) -> Value) -> [Value] {
    // More parts than cores, as some take longer.
    let parts = Swift.min(count, 4 * AvailableProcessors.count)
    if parts < 2 { return map(transform) }
    let found = Locked([[Value]](repeating: [], count: parts))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let values = self[share(of: count, worker: part, workers: parts)].map(transform)
      found.withLock { $0[part] = values }
    }
    return found.withLock { $0.flatMap(\.self) }
  }
}
