import HDF5
import WeftBase

/// Lengths of dense sequences whose last steps are missing (NaN), as padding.
struct PaddedLengths {
  private let reader: SequenceReader
  private let shape: [Int]

  /// Rows that are looked at to see whether there is padding.
  private static let sampleCount = 64

  /// Nil if the dataset has no such padding, by a sample of its rows.
  init?(_ reader: SequenceReader) throws {
    var mayMiss = reader.packed != nil
    if case .float = reader.dataset.datatype { mayMiss = true }
    guard mayMiss, !reader.isVector else { return nil }
    (self.reader, shape) = (reader, try reader.dataset.shape)
    guard hasPadding() else { return nil }
  }

  /// Damage is told where it is read.
  private func hasPadding() -> Bool {
    let (rows, steps) = (shape[0], shape[1])
    if rows == 0 || steps < 2 { return false }
    let spacing = max(rows / Self.sampleCount, 1)
    return stride(from: 0, to: rows, by: spacing).contains {
      (try? isMissing(row: $0, step: steps - 1)) == true
    }
  }

  private func isMissing(row: Int, step: Int) throws -> Bool {
    let rest = Array(shape.dropFirst(2))
    var values = try reader.dataset.read(
      as: Double.self, offset: [row, step] + rest.map { _ in 0 }, count: [1, 1] + rest)
    reader.packed?.unpack(&values)
    return values.allSatisfy(\.isNaN)
  }

  /// The number of steps of each row up to the last that is not missing.
  ///
  /// - Throws: If a block is damaged.
  func lengths() throws -> [Int] {
    let scan = try BlockScan(reader.dataset)
    struct Found: Sendable {
      var lengths: [Int]
      var error: HDF5Error?
    }
    let found = Locked(Found(lengths: [Int](repeating: 0, count: shape[0])))
    let (packed, isScalar) = (reader.packed, shape.count == 2)
    scan.forEach { number, result in
      switch result {
      case .failure(let error): found.withLock { $0.error = $0.error ?? error }
      case .success(let chunk):
        var ends: [Int: Int] = [:]
        scan.rows(of: chunk, number) { first, values in
          var values = values
          packed?.unpack(&values)
          guard let last = values.lastIndex(where: { !$0.isNaN }) else { return }
          ends[first[0]] = max(ends[first[0]] ?? 0, isScalar ? first[1] + last + 1 : first[1] + 1)
        }
        let own = ends
        found.withLock { for (row, end) in own { $0.lengths[row] = max($0.lengths[row], end) } }
      }
    }
    let result = found.withLock { $0 }
    if let error = result.error { throw error }
    return result.lengths
  }
}
