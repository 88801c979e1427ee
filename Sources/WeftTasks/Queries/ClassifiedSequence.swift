/// The predicted class of a sequence.
public struct ClassifiedSequence: Sendable, Equatable {
  /// Name of the class, or its number if the data does not name classes.
  public let name: String
  /// Number of the class.
  public let number: Int
  /// Probabilities of all classes.
  public let probabilities: [Double]

  package init(name: String, number: Int, probabilities: [Double]) {
    self.name = name
    self.number = number
    self.probabilities = probabilities
  }
}
