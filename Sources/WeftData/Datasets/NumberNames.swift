import WeftBase

/// Names of classes that are numbers, such as ratings, or measurements that were taken for classes.
package enum NumberNames {
  /// A note on classes that are rather numbers to be predicted; nil if most are no decimals.
  ///
  /// - Parameter option: The option that reads them as numbers.
  package static func note(_ names: [String], option: String) -> String? {
    let decimals = names.filter { Int($0) == nil && isNumber($0) }
    guard names.count > 2, 2 * decimals.count > names.count, names.allSatisfy(isNumber) else { return nil }
    return
      "classes such as '\(decimals[0])' and '\(decimals[decimals.count - 1])' are numbers without an order or distances here;"
      + " \(option) reads numbers to predict"
  }

  /// A class whose name is a number other than that which stands for it; nil unless all names are numbers.
  package static func differing(_ names: [String]) -> (number: Int, name: String)? {
    guard names.allSatisfy(isNumber) else { return nil }
    return names.enumerated().first { Double($1) != Double($0) }.map { ($0.offset, $0.element) }
  }

  /// Why numbers of classes are no numbers to learn, and how to write those.
  package static func advice(_ differing: (number: Int, name: String)) -> String {
    "its targets are numbers of classes, of which class \(differing.number) is named '\(differing.name)'; write the numbers"
      + " themselves, with --target-field instead of --label-field of weft data text, --target instead of --class of weft"
      + " data wide, or without --classes of weft data table"
  }

  private static func isNumber(_ name: String) -> Bool { Double(name)?.isFinite == true }
}
