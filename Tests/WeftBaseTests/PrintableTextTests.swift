import Foundation
import Testing

@testable import WeftBase

@Suite struct PrintableTextTests {
  /// All of C0, DEL and C1, separators of lines, overrides of direction, and what XML forbids.
  static let controls =
    (Array(0...0x1F) + Array(0x7F...0x9F) + Array(0x2028...0x202E) + Array(0x2066...0x2069) + [
      0xFFFE, 0xFFFF,
    ])
    .compactMap { Unicode.Scalar(UInt32($0)) }

  @Test func everyControlCharacterIsAnEscape() {
    for control in Self.controls {
      let text = "a\(control)b"
      #expect(!text.printable().unicodeScalars.contains { Self.controls.contains($0) }, "U+\(control.value)")
      #expect(text.printable().hasPrefix("a\\"))
      #expect(!text.escapedMarkup().unicodeScalars.contains { Self.controls.contains($0) })
    }
    #expect("\u{1B}[31m\u{7}\u{9B}".printable() == "\\u{1B}[31m\\u{7}\\u{9B}")
    #expect("a\r\nb\tc".printable() == "a\\r\\nb\\tc")
  }

  @Test func ordinaryTextStays() {
    for text in ["plain", "naïve ☕ 日本語 עברית 👩‍👩‍👧", "\\n \"quoted\""] { #expect(text.printable() == text) }
  }

  @Test func linesMayBeKept() {
    #expect("a\r\nb\rc\n\td\u{1B}".printable(keepsLines: true) == "a\nb\nc\n\td\\u{1B}")
  }

  /// One grapheme may have millions of scalars, so that the limit is on bytes.
  @Test func messagesAreShort() {
    let long = "file.h5: " + String(repeating: "é", count: 100_000) + ": the fix"
    #expect(long.asMessage.utf8.count < 4200)
    #expect(long.asMessage.hasPrefix("file.h5: é") && long.asMessage.hasSuffix(": the fix"))
    let marks = "x" + String(repeating: "\u{301}", count: 1_000_000)
    #expect(marks.count == 1 && marks.asMessage.utf8.count < 4200)
    #expect("short".shortened(to: 10) == "short")
  }

  @Test func markupIsXML() {
    let text = String(String.UnicodeScalarView(Self.controls)) + "<a href=\"x\">&amp;</a>"
    let escaped = text.escapedMarkup()
    #expect(!escaped.contains("<") && !escaped.contains(">") && !escaped.contains("\""))
    #expect(escaped.hasSuffix("&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;"))
  }

  /// A carriage return ends a line of Markdown, and with it the indented block.
  @Test(arguments: ["\n", "\r\n", "\r"]) func everyLineOfACodeBlockIsIndented(_ end: String) {
    #expect("one\(end)# two".asMarkdownCode == "    one\n    # two")
    #expect(
      !"one\u{2028}# two\u{85}# three".asMarkdownCode.unicodeScalars.contains {
        $0.value == 0x2028 || $0.value == 0x85
      })
  }

  @Test func controlsOfJSONAreItsEscapes() throws {
    let texts = ["a\u{7F}\u{9B}\u{202E}b", "\u{1B}"]
    let json = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self).escapingControlsInJSON
    #expect(!json.unicodeScalars.contains { $0.isControl })
    #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == texts)
  }
}

/// Texts of numbers that read back as the same number in single precision.
@Suite struct ReadableNumberTests {
  @Test(arguments: [
    (Double(Float(0.1)), "0.1"), (0.1, "0.1"), (Double(Float(222.1)), "222.1"), (221.13074291, "221.1307429"),
    (123_456_883.302, "123456883.3"), (20_000_000, "20000000"), (-3, "-3"), (1e20, "1e+20"),
    (Double(Float(1e-7)), "1e-07"),
  ])
  func numbers(value: Double, text: String) {
    let found = NumberText.readable(value)
    #expect(found == text && Float(found) == Float(value))
  }

  @Test func everyNumberReadsBack() {
    var bits: UInt32 = 1
    for _ in 0..<100_000 {
      bits = bits &* 1_664_525 &+ 1_013_904_223
      let single = Float(bitPattern: bits)
      // A computed number near it.
      for value in [Double(single), Double(single) * (1 + 1e-9)] where value.isFinite && Float(value).isFinite
      {
        if Float(NumberText.readable(value)) != Float(value) { Issue.record("\(value)") }
      }
    }
  }
}
