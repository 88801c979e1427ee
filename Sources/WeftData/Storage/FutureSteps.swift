import HDF5
import WeftBase

/// Steps after the end of series, of which only the covariates are known: those of the datasets in the group `future` of a
/// split, with `offsets` as the series have them.
package struct FutureSteps: Sendable {
  /// The group within that of the split.
  static let group = "future"

  /// Their covariates.
  var covariates: InputReader
  /// The rows of each series, `[series + 1]`.
  var offsets: [Int]
  /// The file of each series, and its first row there: those with the same number are of one file.
  private var files: [(file: Int, first: Int)]

  init(covariates: InputReader, offsets: [Int], file: Int = 0) {
    self.covariates = covariates
    self.offsets = offsets
    files = offsets.dropLast().map { _ in (file, 0) }
  }

  /// Number of rows of all series.
  var rows: Int { offsets[offsets.count - 1] }

  /// The rows of a series.
  func rows(of series: Int) -> Range<Int> { offsets[series]..<offsets[series + 1] }

  /// Steps after the end of a series whose covariates are known.
  package func count(of series: Int) -> Int { rows(of: series).count }

  /// The file of a series and its rows there; nil without any.
  func place(of series: Int) -> (file: Int, rows: Range<Int>)? {
    let (rows, place) = (rows(of: series), files[series])
    if rows.isEmpty { return nil }
    return (place.file, rows.lowerBound - place.first..<rows.upperBound - place.first)
  }

  /// Concatenates those of several files, of which some may have none; nil if none has any.
  ///
  /// - Parameter series: Number of series of each file.
  static func joined(
    _ parts: [FutureSteps?], series: [Int], in store: ChunkStore
  ) throws -> FutureSteps? {
    let known = parts.compactMap(\.self)
    guard var result = known.first else { return nil }
    result.covariates = result.covariates.with(
      try result.covariates.parts.indices.map { index in
        try SequenceReader.joined(known.map { $0.covariates.parts[index] }, in: store)
      })
    (result.offsets, result.files) = ([0], [])
    for (file, part) in parts.enumerated() {
      let first = result.rows
      result.offsets += (part?.offsets.dropFirst() ?? Array(repeating: 0, count: series[file])[...]).map {
        $0 + first
      }
      result.files += (0..<series[file]).map { _ in (file, first) }
    }
    return result
  }
}
