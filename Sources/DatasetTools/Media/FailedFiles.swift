import Media
import WeftBase

/// Handling of unusable files: the first one ends the conversion, or they are skipped and listed.
struct FailedFiles {
  private let areSkipped: Bool
  private var count = 0
  private var listed: [String] = []

  /// Maximum length of the list.
  private static let limit = 100

  init(areSkipped: Bool) { self.areSkipped = areSkipped }

  /// Records an unusable file.
  ///
  /// - Throws: The error of the file, unless such files are skipped.
  mutating func add(_ error: WeftError) throws(WeftError) {
    guard areSkipped else { throw .data("\(error.message) (skip such files with --skip-bad)") }
    count += 1
    if listed.count < Self.limit { listed.append(error.message) }
  }

  /// Records an unusable audio or image file.
  ///
  /// - Throws: As ``add(_:)-(WeftError)``.
  mutating func add(_ error: MediaError, _ file: TranscribedFile) throws(WeftError) {
    try add(.data([file.place, error.description].compactMap { $0 }.joined(separator: ": ")))
  }

  /// - Throws: The error of the first file, if all files are unusable.
  func checkNotAll(goodCount: Int) throws(WeftError) {
    guard goodCount == 0, let first = listed.first else { return }
    throw .data("all \(count) files are unusable; the first: \(first)")
  }

  /// Lines with the number of skipped files and their names.
  var notes: [String] {
    guard count > 0 else { return [] }
    let rest = count > listed.count ? ["… and \(count - listed.count) more"] : []
    return ["skipped \(count == 1 ? "1 unusable file" : "\(count) unusable files"):"]
      + (listed + rest).map { "  \($0)" }
  }
}
