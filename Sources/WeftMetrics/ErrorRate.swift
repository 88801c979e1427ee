/// Insertions, deletions and substitutions that turn texts into their references, as a share of the references'
/// length: over all texts together, not the mean of their own shares.
public struct ErrorRate: Sendable, Equatable {
  /// What is counted.
  public enum Unit: Sendable {
    /// Unicode scalars, without white space at the ends.
    case character
    /// What white space separates.
    case word
  }

  /// Errors of all texts.
  public private(set) var errors = 0
  /// Units of all references.
  public private(set) var length = 0

  /// No texts yet.
  public init() {}

  /// The errors of texts against their references.
  ///
  /// - Precondition: There is a reference for each text.
  public init(_ texts: [String], references: [String], unit: Unit) {
    precondition(texts.count == references.count)
    for (text, reference) in zip(texts, references) {
      switch unit {
      case .character: add(Self.characters(text), reference: Self.characters(reference))
      case .word: add(words(of: text), reference: words(of: reference))
      }
    }
  }

  /// Counts the errors of one more sequence.
  public mutating func add<Element: Equatable>(_ sequence: [Element], reference: [Element]) {
    errors += editDistance(sequence, reference)
    length += reference.count
  }

  /// May exceed 1; 0 for no errors in no references, ∞ for errors where there is nothing to be right about.
  public var value: Double { errors == 0 ? 0 : Double(errors) / Double(length) }

  private static func characters(_ text: String) -> [Unicode.Scalar] {
    let scalars = Array(text.unicodeScalars)
    let isInk = { (scalar: Unicode.Scalar) in !scalar.properties.isWhitespace }
    guard let first = scalars.firstIndex(where: isInk), let last = scalars.lastIndex(where: isInk) else {
      return []
    }
    return Array(scalars[first...last])
  }
}

/// The fewest insertions, deletions and substitutions that turn one sequence into another (Levenshtein 1966).
///
/// - Complexity: O(first · second) time, O(second) memory.
public func editDistance<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
  var previous = Array(0...second.count)
  for (row, element) in first.enumerated() {
    var current = [row + 1]
    current.reserveCapacity(previous.count)
    for (column, other) in second.enumerated() {
      let substituted = previous[column] + (element == other ? 0 : 1)
      current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[second.count]
}
