/// Error rate of a corpus: insertions, deletions and substitutions divided by the length of the references, over all
/// texts together rather than averaged per text.
public struct ErrorRate: Sendable, Equatable {
  /// Unit of comparison.
  public enum Unit: Sendable {
    /// Unicode scalars, without leading and trailing white space.
    case character
    /// Words, separated by white space.
    case word
  }

  /// Number of errors in all texts.
  public private(set) var errors = 0
  /// Number of units in all references.
  public private(set) var length = 0

  /// An error rate without texts.
  public init() {}

  /// The error rate of texts against their references.
  ///
  /// - Precondition: Texts and references have the same count.
  public init(_ texts: [String], references: [String], unit: Unit) {
    precondition(texts.count == references.count)
    for (text, reference) in zip(texts, references) {
      switch unit {
      case .character: add(Self.characters(text), reference: Self.characters(reference))
      case .word: add(words(of: text), reference: words(of: reference))
      }
    }
  }

  /// Counts the errors of another sequence.
  public mutating func add<Element: Equatable>(_ sequence: [Element], reference: [Element]) {
    errors += editDistance(sequence, reference)
    length += reference.count
  }

  /// The error rate, which may exceed 1. With empty references, 0 without errors and ∞ otherwise.
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

/// Edit distance: the minimum number of insertions, deletions and substitutions between two sequences (Levenshtein
/// 1966).
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
