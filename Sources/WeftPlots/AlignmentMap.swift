import Foundation
import WeftBase

/// A plot of attention weights: one row per target token, one column per source token, darker for larger weights. A
/// self-contained SVG for light and dark pages.
public struct AlignmentMap {
  /// Text of each source token.
  public let source: [String]
  /// Text of each target token.
  public let target: [String]
  /// `[target, source]`; an additional row belongs to the end token.
  public let weights: [[Float]]

  private static let cell = 26.0
  private static let letter = 7.6

  /// - Precondition: Each row has one weight per source token.
  public init(source: [String], target: [String], weights: [[Float]]) {
    precondition(weights.allSatisfy { $0.count == source.count })
    // Control characters have no place in XML; escapes get the room that they take.
    self.source = source.map { $0.printable() }
    let target = target.map { $0.printable() }
    self.target = weights.count > target.count ? target + ["⏎"] : target
    self.weights = weights
  }

  /// The SVG document.
  public var svg: String {
    let (cell, letter) = (Self.cell, Self.letter)
    let left = 24 + letter * Double(target.map(\.count).max() ?? 0)
    let top = 24 + letter * Double(source.map(\.count).max() ?? 0)
    let width = left + cell * Double(source.count) + 16
    let height = top + cell * Double(target.count) + 16
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\""
        + " width=\"\(number(width))\" height=\"\(number(height))\" role=\"img\" aria-labelledby=\"title\">",
      "<title id=\"title\">Attention: \(escaped(target.joined(separator: " ")))</title>",
      "<style>\(Self.style)</style>",
      "<rect class=\"page\" width=\"\(number(width))\" height=\"\(number(height))\"/>",
    ]
    for (column, token) in source.enumerated() {
      let x = left + cell * (Double(column) + 0.5) + 4
      parts.append(
        "<text transform=\"translate(\(number(x)) \(number(top - 8))) rotate(-90)\">\(escaped(token))</text>")
    }
    for (row, token) in target.enumerated() {
      let y = top + cell * Double(row)
      parts.append(
        "<text class=\"row\" x=\"\(number(left - 8))\" y=\"\(number(y + 0.5 * cell + 4))\">\(escaped(token))</text>"
      )
      for (column, weight) in weights[row].enumerated() {
        let share = String(format: "%.3f", min(max(weight, 0), 1))
        parts.append(
          "<rect class=\"cell\" x=\"\(number(left + cell * Double(column) + 1))\" y=\"\(number(y + 1))\""
            + " width=\"\(number(cell - 2))\" height=\"\(number(cell - 2))\" fill-opacity=\"\(share)\">"
            + "<title>\(escaped(token)) ← \(escaped(source[column])): \(share)</title></rect>")
      }
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// Writes the map atomically.
  ///
  /// - Throws: If the file cannot be written.
  public func write(to path: String) throws(WeftError) { try TextFile.replace(path, with: svg) }

  private static let style = """
    .page { fill: #ffffff } .cell { fill: #1f4e9c; stroke: #d0d5dd; stroke-width: 1 } \
    text { font: 13px ui-monospace, monospace; fill: #1d2433 } .row { text-anchor: end } \
    @media (prefers-color-scheme: dark) { .page { fill: #14171d } .cell { fill: #8db8ff; stroke: #3a4150 } \
    text { fill: #e6e9ef } }
    """

  private func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private func escaped(_ text: String) -> String {
    text.escapedMarkup()
  }
}
