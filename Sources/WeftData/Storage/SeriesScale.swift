/// The scales of the sequences of a split.
package struct SeriesScale: Sendable {
  let places: SequencePlaces
  let table: ScaleTable

  /// The number of the sequence that a block is part of.
  func series(of block: StepBlockPlace) -> Int { places.sequence(holding: block.offset) }

  /// The scale of the series that contains a step, of sequences that lie one after the other.
  package func scale(at step: Int) -> FeatureScale { table[places.sequence(holding: [step])] }
}
