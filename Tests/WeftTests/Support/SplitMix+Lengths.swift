/// Random numbers for tests, from a fixed seed: splitmix64.
struct TestGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in .random(in: range, using: &self) }
  }

  /// Lengths of rows, descending.
  mutating func lengths(rows: Int, upTo longest: Int) -> [Int] {
    (0..<rows).map { _ in Int.random(in: 1...longest, using: &self) }.sorted(by: >)
  }
}
