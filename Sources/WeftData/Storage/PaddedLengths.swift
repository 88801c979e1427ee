import HDF5
import WeftBase

/// Lengths of dense sequences whose last steps are missing (NaN) or a number that means so, as padding, in all inputs
/// that lie side by side.
struct PaddedLengths {
  /// Those in which steps may be missing.
  private let readers: [SequenceReader]
  /// Number of sequences and steps.
  private let (rowCount, stepCount): (Int, Int)
  /// The number; nil if only missing ones are padding. Programs compare it in single precision.
  private let padding: Float?

  /// Rows that are looked at to see whether there is padding.
  private static let sampleCount = 64

  /// Nil if the dataset has no such padding, by a sample of its rows.
  ///
  /// - Parameter padding: A number that means padding; nil for none.
  /// - Throws: If sequences begin with that number in place of ending with it.
  init?(_ inputs: [SequenceReader], padding: Double?) throws {
    guard let first = inputs.first, padding != nil || inputs.contains(where: Self.mayMiss),
      !inputs.contains(where: \.isVector)
    else {
      return nil
    }
    readers = padding == nil ? inputs.filter(Self.mayMiss) : inputs
    let shape = try first.dataset.shape
    (rowCount, stepCount, self.padding) = (shape[0], shape[1], padding.map { Float($0) })
    guard try hasPadding() else { return nil }
  }

  /// Whether numbers of a dataset may be missing ones.
  private static func mayMiss(_ reader: SequenceReader) -> Bool {
    guard case .features = reader.content else { return false }
    if case .float = reader.dataset.datatype { return true }
    return reader.packed != nil
  }

  /// Damage is told where it is read.
  private func hasPadding() throws(WeftError) -> Bool {
    if rowCount == 0 || stepCount < 2 { return false }
    let sample = Array(stride(from: 0, to: rowCount, by: max(rowCount / Self.sampleCount, 1)))
    if sample.contains(where: { (try? isMissing(row: $0, step: stepCount - 1)) == true }) { return true }
    guard let padding, let reader = readers.first else { return false }
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
    try readers.allSatisfy { reader in
      let rest = try Array(reader.dataset.shape.dropFirst(2))
      var values = try reader.dataset.read(
        as: Double.self, offset: [row, step] + rest.map { _ in 0 }, count: [1, 1] + rest)
      reader.packed?.unpack(&values)
      return values.allSatisfy(isPadding)
    }
  }

  /// The number of steps of each row up to the last that is not missing.
  ///
  /// - Throws: If a block is damaged.
  func lengths() throws -> [Int] {
    try readers.reduce([Int](repeating: 0, count: rowCount)) { zip($0, try lengths(of: $1)).map(max) }
  }

  private func lengths(of reader: SequenceReader) throws -> [Int] {
    let scan = try BlockScan(reader.dataset)
    struct Found: Sendable {
      var lengths: [Int]
      var error: HDF5Error?
    }
    let found = Locked(Found(lengths: [Int](repeating: 0, count: rowCount)))
    let (packed, isScalar) = (reader.packed, try reader.dataset.shape.count == 2)
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
