/// Random key of the dropout masks of one optimizer step; each use of dropout adds its own purpose.
package struct DropoutKey: Sendable, Equatable {
  package let seed: UInt64
  package let step: UInt64

  package init(seed: UInt64, step: UInt64) {
    self.seed = seed
    self.step = step
  }
}
