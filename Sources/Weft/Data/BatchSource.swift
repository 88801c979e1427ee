/// The minibatches of one split, by number, so that a run can go on anywhere.
package protocol BatchSource: Sendable {
  /// Minibatches in an epoch, at least 1.
  var batchesPerEpoch: Int { get }

  /// A minibatch; depends on the numbers alone, never on what was read before.
  ///
  /// - Throws: If the file cannot be read or holds what the model cannot take.
  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch
}
