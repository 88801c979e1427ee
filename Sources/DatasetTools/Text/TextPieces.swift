import HDF5
import WeftBase
import WeftText

/// The bytes of text files as they are, in pieces that end with a character, cut after exact numbers of characters or
/// bytes.
final class TextPieces {
  private let files: [String]
  private let counts: [Int]
  private let unit: Vocabulary.Unit
  private let progress: ProgressReporter

  /// - Parameters:
  ///   - counts: Characters or bytes of each split.
  ///   - unit: `character` or `byte`.
  init(_ files: [String], counts: [Int], unit: Vocabulary.Unit, progress: ProgressReporter) {
    self.files = files
    self.counts = counts
    self.unit = unit
    self.progress = progress
  }

  /// Calls `body` with each piece and its split; what exceeds the last split is left out.
  ///
  /// - Throws: If a file cannot be read or is not text, or has fewer characters or bytes; and errors of `body`.
  func forEach(_ task: String, _ body: (_ bytes: ArraySlice<UInt8>, _ split: Int) throws -> Void) throws {
    progress.begin(task, total: counts.reduce(0, +), unit: unit.rawValue + "s")
    var split = 0
    var rest = counts[0]
    for path in files {
      let file = try RegularFile(path)
      var pending: [UInt8] = []
      var offset = 0
      while split < counts.count {
        let read = try file.read(at: offset, count: 1 << 20)
        offset += read.count
        pending += read
        // A character may continue in the next piece.
        let whole = unit == .byte || read.isEmpty ? pending.count : Self.wholeCharacters(pending)
        if unit == .character, String(validating: pending[..<whole], as: UTF8.self) == nil {
          let kind =
            ForeignFile.kind(of: path).map { ": \($0)" } ?? "; \(OtherEncoding.advice(for: pending))"
          throw WeftError.data("\(path): is not UTF-8 text\(kind)")
        }
        var start = 0
        while start < whole, split < counts.count {
          let (end, taken) = place(in: pending, from: start, to: whole, after: rest)
          try body(pending[start..<end], split)
          progress.advance(by: taken)
          rest -= taken
          start = end
          if rest == 0 {
            split += 1
            if split < counts.count { rest = counts[split] }
          }
        }
        pending.removeFirst(whole)
        if read.isEmpty { break }
      }
    }
    guard split == counts.count else {
      let wanted = counts.reduce(0, +)
      let found = wanted - rest - counts[(split + 1)...].reduce(0, +)
      throw WeftError.data(
        "\(files.joined(separator: ", ")): \(found) \(unit.rawValue)s, fewer than the \(wanted) of --split-counts"
      )
    }
  }

  /// The end of at most `count` units, and how many there are up to it.
  private func place(in bytes: [UInt8], from start: Int, to end: Int, after count: Int) -> (Int, taken: Int) {
    if unit == .byte {
      let taken = min(count, end - start)
      return (start + taken, taken)
    }
    var (place, taken) = (start, 0)
    while place < end, taken < count {
      place += 1
      while place < end, bytes[place] & 0xC0 == 0x80 { place += 1 }
      taken += 1
    }
    return (place, taken)
  }

  /// Bytes up to the last one that begins a character, unless that is complete.
  private static func wholeCharacters(_ bytes: [UInt8]) -> Int {
    for length in 1...4 where length <= bytes.count {
      let lead = bytes[bytes.count - length]
      if lead & 0xC0 == 0x80 { continue }
      let needed = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      return needed > length ? bytes.count - length : bytes.count
    }
    return bytes.count
  }
}
