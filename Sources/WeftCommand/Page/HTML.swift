import Foundation
import WeftBase

/// HTML elements.
enum HTML {
  /// Escaped text for content or attributes.
  static func escaped(_ text: String) -> String {
    text.escapedMarkup(keepsLines: true)
  }

  /// A table; the first row and the first cell of each row are headings.
  static func table(_ rows: [[String]], marked: Set<Int> = []) -> String {
    guard let headings = rows.first else { return "" }
    let head = headings.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.dropFirst().enumerated().map { index, row in
      let cells = row.enumerated().map { (column, text) -> String in
        let style = text.count > 24 ? " class=\"long\"" : ""
        return column == 0
          ? "<th scope=\"row\"\(style)>\(escaped(text))</th>" : "<td\(style)>\(escaped(text))</td>"
      }.joined()
      return "<tr\(marked.contains(index) ? " class=\"marked\"" : "")>\(cells)</tr>"
    }
    return
      "<div class=\"scrolled\" tabindex=\"0\" role=\"region\" aria-label=\"table\"><table><thead><tr>\(head)</tr></thead><tbody>"
      + body.joined(separator: "\n") + "</tbody></table></div>"
  }

  /// An embedded image.
  static func image(_ bytes: Data, type: String, alternative: String) -> String {
    "<img alt=\"\(escaped(alternative))\" src=\"data:\(type);base64,\(bytes.base64EncodedString())\">"
  }

  /// A collapsible section.
  static func details(_ summary: String, _ contents: String) -> String {
    "<details><summary>\(escaped(summary))</summary>\(contents)</details>"
  }
}
