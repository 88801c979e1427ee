import Media
import WeftBase

/// What is done with files that cannot be used: the first one ends the conversion, or they are left out and listed.
struct FailedFiles {
  private let areSkipped: Bool
  private var count = 0
  private var listed: [String] = []

  /// A list of more helps nobody.
  private static let limit = 100

  init(areSkipped: Bool) { self.areSkipped = areSkipped }

  /// Takes note of a file that cannot be used.
  ///
  /// - Throws: Unless such files are left out, what is wrong with it.
  mutating func add(_ error: WeftError) throws(WeftError) {
    guard areSkipped else { throw .failure("\(error.message) (skip such files with --skip-bad)") }
    count += 1
    if listed.count < Self.limit { listed.append(error.message) }
  }

  /// Takes note of a sound or image that cannot be used.
  ///
  /// - Throws: As ``add(_:)-(WeftError)``.
  mutating func add(_ error: MediaError, _ file: TranscribedFile) throws(WeftError) {
    try add(.failure([file.place, error.description].compactMap { $0 }.joined(separator: ": ")))
  }

  /// - Throws: If there are bad files and nothing else, what is wrong with the first.
  func checkNotAll(goodCount: Int) throws(WeftError) {
    guard goodCount == 0, let first = listed.first else { return }
    throw .failure("all \(count) files are unusable; the first: \(first)")
  }

  /// Lines that tell how many files were left out, and which.
  var notes: [String] {
    guard count > 0 else { return [] }
    let rest = count > listed.count ? ["… and \(count - listed.count) more"] : []
    return ["skipped \(count) unusable files:"] + (listed + rest).map { "  \($0)" }
  }
}
