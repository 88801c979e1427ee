/// Separates the random streams of different uses.
package enum RandomPurpose {
  /// The order of sequences in an epoch.
  package static let shuffle: UInt32 = 0x5348_5546
  /// The order of the blocks of a file that are shuffled together.
  package static let shuffledUnits: UInt32 = 0x5348_554E
  /// The order of minibatches with sequences of similar length.
  package static let buckets: UInt32 = 0x4255_434B
  /// The choice of a generated token.
  package static let sampling: UInt32 = 0x5341_4D50
  /// Bootstrap samples of the rounds of a measurement.
  package static let resampling: UInt32 = 0x5245_5341

  /// The initial values of the parameter with that name (32-bit FNV-1a).
  package static func initialization(_ name: String) -> UInt32 {
    name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
