/// How stored values stand for classes.
enum ClassCoding: Sendable {
  /// Integers are the classes.
  case numbers
  /// Floating-point numbers that are whole.
  case wholeNumbers
  /// Values of an enumeration, by their classes.
  case values([Int32: Int32])
  /// Each target is a row of zeros with a one at its class.
  case oneHot(Int)
  /// Texts, whose classes were looked up: `rowLength` for each index of the first dimension.
  case texts([Int32], rowLength: Int)

  /// The classes of texts; nil for stored numbers.
  var texts: [Int32]? { if case .texts(let classes, _) = self { classes } else { nil } }
}
