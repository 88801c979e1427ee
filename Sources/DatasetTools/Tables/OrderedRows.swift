import WeftBase

/// Reads the rows of a table in an order.
final class OrderedRows {
  let reader: TableReader
  private let order: RowOrder?
  private var scattered: ScatteredRuns?
  private var (run, left) = (0, Int32(0))

  /// - Parameter limit: Bytes of scattered rows to collect at a time. (default: 64 MiB, or a part of the table)
  init(_ reader: TableReader, _ order: RowOrder?, limit: Int? = nil) {
    self.reader = reader
    self.order = order
    scattered = order.map { ScatteredRuns($0, of: reader, limit: limit) }
  }

  /// Bytes of the last row, for progress.
  var byteCount: Int { reader.offset - reader.rowOffset }

  /// The fields of the next row; nil after the last one.
  ///
  /// - Throws: If it is malformed.
  func next() throws(WeftError) -> TableRow? {
    guard let order else { return try reader.next() }
    if left == 0 {
      guard run < order.sequence.count else { return nil }
      let next = order.runs[order.sequence[run]]
      try reader.seek(to: next.offset, line: next.line, having: scattered?.bytes(of: run) ?? [])
      left = next.count
      run += 1
    }
    left -= 1
    return try reader.next()
  }
}

/// The bytes of the runs of rows that are read next.
///
/// Where the rows of thousands of groups alternate, a read for each row would take longer than all else. Instead, the runs
/// that follow are collected, as many as fit into a part of the memory, while the table is read from its beginning to
/// its end.
private struct ScatteredRuns {
  private let order: RowOrder
  private let table: TableReader
  /// Bytes to collect at a time: more of a large table, so that it is not read more than 32 times.
  private let limit: Int
  /// The runs that are collected, in the order in which they are read, and where the bytes of each end.
  private var runs = 0..<0
  private var (bytes, ends) = ([UInt8](), [Int]())

  /// Bytes of a run that is read by itself.
  private static let longest = 1 << 18
  /// Bytes to read at a time.
  private static let blockBytes = 1 << 20

  init(_ order: RowOrder, of table: TableReader, limit: Int?) {
    (self.order, self.table) = (order, table)
    self.limit = limit ?? max(1 << 26, table.byteCount / 32)
  }

  /// The bytes of a run; none if it is so long that it is read by itself.
  ///
  /// - Parameter run: Its number in the order in which runs are read.
  /// - Throws: If the table cannot be read.
  mutating func bytes(of run: Int) throws(WeftError) -> ArraySlice<UInt8> {
    if !runs.contains(run) { try collect(from: run) }
    let index = run - runs.lowerBound
    return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  private mutating func collect(from first: Int) throws(WeftError) {
    (bytes, ends) = ([], [])
    var (end, total) = (first, 0)
    while end < order.sequence.count, total < limit {
      let count = range(of: order.sequence[end]).count
      if count <= Self.longest { total += count }
      ends.append(total)
      end += 1
    }
    runs = first..<end
    bytes = [UInt8](repeating: 0, count: total)
    var block: (start: Int, bytes: [UInt8]) = (0, [])
    var file: (index: Int, file: RegularFile)?
    // Runs are numbered in the order of the file.
    for run in runs.sorted(by: { order.sequence[$0] < order.sequence[$1] }) {
      let index = run - first
      let target = index == 0 ? 0 : ends[index - 1]
      if target == ends[index] { continue }
      let range = range(of: order.sequence[run])
      if range.lowerBound < block.start || range.upperBound > block.start + block.bytes.count {
        let index = table.file(of: range.lowerBound)
        let source =
          if let file, file.index == index { file.file } else { try RegularFile(table.files[index]) }
        file = (index, source)
        let count = min(Self.blockBytes, table.starts[index + 1] - range.lowerBound)
        block = (range.lowerBound, try source.read(at: range.lowerBound - table.starts[index], count: count))
        guard block.bytes.count >= range.count else {
          throw .file("\(table.files[index]): has changed while it was read")
        }
      }
      for (offset, place) in range.enumerated() { bytes[target + offset] = block.bytes[place - block.start] }
    }
  }

  /// The bytes of a run, as if the files were one: up to the next run, or to the end of its file.
  private func range(of index: Int) -> Range<Int> {
    let start = order.runs[index].offset
    let end = table.starts[table.file(of: start) + 1]
    return start..<(index + 1 < order.runs.count ? min(order.runs[index + 1].offset, end) : end)
  }
}
