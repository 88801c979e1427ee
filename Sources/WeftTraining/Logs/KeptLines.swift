import Foundation

/// The lines of a log that a resumed run keeps: the records up to its step, whatever is between and behind them.
///
/// After a power failure a file can end in zeros, in other files' bytes, or in the middle of a character.
struct KeptLines {
  /// The lines, each with its line break.
  private(set) var bytes: [UInt8] = []
  /// The step of the last one; nil for none.
  private(set) var lastStep: Int?
  /// Whether a line in front of a kept one was none.
  private var hasGap = false
  /// Whether a line was none.
  private var isDamaged = false

  /// - Parameters:
  ///   - content: The file.
  ///   - step: The step of the checkpoint.
  ///   - stepOf: The step of a line of JSON; nil if it is no record.
  init(of content: [UInt8], upTo step: Int, stepOf: (Data) -> Int?) {
    for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      guard Self.isPlausible(line), let lineStep = stepOf(Data(line)), lineStep >= lastStep ?? .min else {
        isDamaged = true
        continue
      }
      if lineStep > step { continue }
      if isDamaged { hasGap = true }
      bytes += line
      bytes.append(UInt8(ascii: "\n"))
      lastStep = lineStep
    }
  }

  /// Whether records are lost.
  ///
  /// - Parameter step: A step that had a record, unless records were less frequent than now.
  func hasLost(upTo step: Int) -> Bool {
    hasGap || (isDamaged || lastStep == nil) && lastStep ?? 0 < step
  }

  /// Parsers differ in what they do with text that is not UTF-8.
  private static func isPlausible(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: "{\"step\":".utf8) && line.last == UInt8(ascii: "}")
      && String(validating: line, as: UTF8.self) != nil
  }
}
