import HDF5
import WeftBase

/// Lengths of dense sequences whose last steps are missing (NaN) or a number that means so, as padding.
struct PaddedLengths {
  private let reader: SequenceReader
  private let shape: [Int]
  /// The number; nil if only missing ones are padding. Programs compare it in single precision.
  private let padding: Float?

  /// Rows that are looked at to see whether there is padding.
  private static let sampleCount = 64

  /// Nil if the dataset has no such padding, by a sample of its rows.
  ///
  /// - Parameter padding: A number that means padding; nil for none.
  /// - Throws: If sequences begin with that number in place of ending with it.
  init?(_ reader: SequenceReader, padding: Double?) throws {
    var mayMiss = padding != nil
    if case .features = reader.content {
      if case .float = reader.dataset.datatype { mayMiss = true }
      mayMiss = mayMiss || reader.packed != nil
    }
    guard mayMiss, !reader.isVector else { return nil }
    (self.reader, shape, self.padding) = (reader, try reader.dataset.shape, padding.map { Float($0) })
    guard try hasPadding() else { return nil }
  }

  /// Damage is told where it is read.
  private func hasPadding() throws(WeftError) -> Bool {
    let (rows, steps) = (shape[0], shape[1])
    if rows == 0 || steps < 2 { return false }
    let sample = Array(stride(from: 0, to: rows, by: max(rows / Self.sampleCount, 1)))
    if sample.contains(where: { (try? isMissing(row: $0, step: steps - 1)) == true }) { return true }
    guard let padding else { return false }
    // Few may be padded, and a sequence may begin with such a step.
    let count = sample.count { (try? isMissing(row: $0, step: 0)) == true }
    guard 4 * count > sample.count else { return true }
    throw .data(
      "\(reader.dataset.file): dataset \(reader.dataset.path): \(count) of \(sample.count) sequences looked at begin with steps of"
        + " \(NumberText.readable(Double(padding))) (data.padding), and none ends with one; padding is read at the end: move it"
        + " there (in Keras: pad_sequences(…, padding='post'))")
  }

  private func isPadding(_ value: Double) -> Bool {
    value.isNaN || padding.map { Float(value) == $0 } == true
  }

  private func isMissing(row: Int, step: Int) throws -> Bool {
    let rest = Array(shape.dropFirst(2))
    var values = try reader.dataset.read(
      as: Double.self, offset: [row, step] + rest.map { _ in 0 }, count: [1, 1] + rest)
    reader.packed?.unpack(&values)
    return values.allSatisfy(isPadding)
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
          guard let last = values.lastIndex(where: { !isPadding($0) }) else { return }
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
