import WeftBase

/// Propagates a failure on one rank to all, so that no rank waits for one that has failed.
extension Communicator {
  /// Calls `body` on every rank. If it fails on any, throws the error of the first such rank on all.
  ///
  /// - Throws: The error of `body`, with the number of the rank unless all ranks failed equally.
  package func together<Value>(_ body: () throws(WeftError) -> Value) throws(WeftError) -> Value {
    if count == 1 { return try body() }
    let result = Result { () throws(WeftError) in try body() }
    try agree(on: result.failure)
    return try result.get()
  }

  /// Calls `body` on rank 0; nil on the others.
  ///
  /// - Throws: The error of `body`, on all ranks.
  package func first<Value>(_ body: () throws(WeftError) -> Value) throws(WeftError) -> Value? {
    if count == 1 { return try body() }
    let result = isFirst ? Result { () throws(WeftError) in try body() } : nil
    let failure = try shareFailure(result?.failure)
    if let failure { throw failure }
    return try result?.get()
  }

  /// Throws on all ranks if one of them has failed.
  ///
  /// - Parameter failure: The failure of this rank; nil for none.
  package func agree(on failure: WeftError?) throws(WeftError) {
    if count == 1 {
      if let failure { throw failure }
      return
    }
    guard any(failure != nil) else { return }
    try throwFirst(of: failure)
  }

  private func shareFailure(_ failure: WeftError?) throws(WeftError) -> WeftError? {
    guard any(failure != nil) else { return nil }
    let messages = gather(failure?.message ?? "")
    let kinds = gather(failure?.kind.rawValue ?? "")
    return WeftError(shared: .init(rawValue: kinds[0]) ?? .failure, messages[0])
  }

  /// - Parameter failure: The failure of this rank; nil if another one failed.
  private func throwFirst(of failure: WeftError?) throws(WeftError) {
    let messages = gather(failure?.message ?? "")
    let failed = gather(failure != nil)
    let kinds = gather(failure?.kind.rawValue ?? "")
    guard let first = failed.firstIndex(of: true) else { return }
    let isCommon = failed.allSatisfy(\.self) && Set(messages).count == 1
    throw WeftError(
      shared: .init(rawValue: kinds[first]) ?? .failure,
      isCommon ? messages[first] : "rank \(first): \(messages[first])")
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}
