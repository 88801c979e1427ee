/// Measures `body`: its duration in seconds, and its result.
@inlinable
public func timed<Result>(_ body: () -> Result) -> (result: Result, seconds: Double) {
  let start = ContinuousClock.now
  let result = body()
  return (result, (ContinuousClock.now - start).seconds)
}

extension Duration {
  /// The duration in seconds.
  @inlinable
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
