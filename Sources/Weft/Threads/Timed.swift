/// The seconds that `body` takes, and its result.
func timed<Result>(_ body: () -> Result) -> (result: Result, seconds: Double) {
  let start = ContinuousClock.now
  let result = body()
  return (result, (ContinuousClock.now - start).seconds)
}

extension Duration {
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
