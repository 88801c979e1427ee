/// Numbers that keep the random streams of different uses apart.
package enum RandomPurpose {
  /// The order of sequences in an epoch.
  package static let shuffle: UInt32 = 0x5348_5546
  /// The order of the parts of a file that are shuffled together.
  package static let shuffledUnits: UInt32 = 0x5348_554E
  /// The order of minibatches of sequences of like lengths.
  package static let buckets: UInt32 = 0x4255_434B
  /// The choice of a generated token.
  package static let sampling: UInt32 = 0x5341_4D50
  /// The rounds of a measurement that are drawn to see how much they differ.
  package static let resampling: UInt32 = 0x5245_5341

  /// The first values of the parameter with that name (32-bit FNV-1a).
  package static func initialization(_ name: String) -> UInt32 {
    name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
