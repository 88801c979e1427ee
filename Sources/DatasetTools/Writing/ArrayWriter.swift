import HDF5
import WeftBase

/// A dataset that grows by rows, written chunk by chunk.
///
/// It is created with the first chunk, or at the end if it has less than one, so that a small array has a chunk of its
/// size.
public final class ArrayWriter<Element: HDF5Element> {
  private let file: File
  private let name: String
  private let rowShape: [Int]
  private let labels: [String]
  private let attributes: [String: String]
  private let texts: [String: [String]]
  private let filters: [Filter]
  private let chunkRows: Int
  /// Values of a chunk.
  private let chunkCount: Int
  /// Values that are written together: those of chunks that threads compress at once.
  private let batchCount: Int
  /// How chunks are compressed here; nil if the library does.
  private let encoding: ChunkEncoding?
  /// Values of a row.
  let rowCount: Int
  private var description: (Dataset) throws -> Void = { _ in }
  private var buffer: [Element] = []
  private var dataset: Dataset?
  /// Rows appended so far.
  public private(set) var count = 0

  /// Size of a chunk in bytes: large enough to compress well, small enough for a cache of many.
  private static var targetByteCount: Int { 256 << 10 }
  /// Most chunks, and bytes of them, that wait to be compressed: a file has many arrays. They do not depend on the number of
  /// threads, so that neither does the place of a chunk in the file.
  private static var mostChunks: Int { 16 }
  private static var mostBytes: Int { 4 << 20 }

  init(
    file: File, name: String, rowShape: [Int], labels: [String], attributes: [String: String],
    texts: [String: [String]], storage: StorageOptions
  ) {
    self.file = file
    self.name = name
    self.rowShape = rowShape
    self.labels = labels
    self.attributes = attributes
    self.texts = texts
    let size = MemoryLayout<Element>.stride
    filters = storage.filters(elementSize: size)
    // A row that exceeds an integer cannot be in memory.
    rowCount = max(rowShape.boundedProduct ?? BoundedInteger.maximumTotal, 1)
    let rows = Self.targetByteCount / ([rowCount, size].boundedProduct ?? .max)
    chunkRows = max(storage.chunkRows ?? rows, 1)
    chunkCount = [chunkRows, rowCount].boundedProduct ?? .max
    encoding = ChunkEncoding(filters, elementSize: size)
    let chunks = min(Self.mostChunks, Self.mostBytes / ([chunkCount, size].boundedProduct ?? .max))
    batchCount = [chunkCount, encoding == nil ? 1 : max(chunks, 1)].boundedProduct ?? .max
  }

  /// Adds attributes to the dataset when it is created.
  func describe(_ description: @escaping (Dataset) throws -> Void) { self.description = description }

  /// Appends complete rows.
  ///
  /// - Throws: If they cannot be written, for example on a full disk.
  public func append(_ values: [Element]) throws { try append(contentsOf: values) }

  /// Appends complete rows.
  ///
  /// - Throws: As ``append(_:)-([Element])``.
  func append(contentsOf values: some Collection<Element>) throws {
    let added = values.count
    precondition(added.isMultiple(of: rowCount), "\(name): \(added) values are not whole rows")
    buffer.append(contentsOf: values)
    count += added / rowCount
    if buffer.count >= batchCount {
      let whole = buffer.count / chunkCount * chunkCount
      try write(Array(buffer[..<whole]))
      buffer.removeFirst(whole)
    }
  }

  /// Appends a row with a single value.
  ///
  /// - Throws: As ``append(_:)-([Element])``.
  public func append(_ value: Element) throws {
    precondition(rowCount == 1, "\(name): a row is more than a value")
    buffer.append(value)
    count += 1
    if buffer.count == batchCount {
      try write(buffer)
      buffer.removeAll(keepingCapacity: true)
    }
  }

  /// Writes the remainder.
  func finish() throws {
    if !buffer.isEmpty || dataset == nil { try write(buffer) }
    buffer = []
  }

  private func write(_ values: [Element]) throws {
    let rows = values.count / rowCount
    let dataset = try dataset ?? create(rows: rows)
    let written = try dataset.shape[0]
    try dataset.extend(to: [written + rows] + rowShape)
    func place(_ row: Int) -> [Int] { [written + row] + rowShape.map { _ in 0 } }
    // The library writes what is no whole chunk.
    let whole = encoding == nil ? 0 : values.count / chunkCount
    for (number, chunk) in encode(values, chunks: whole).enumerated() {
      try dataset.writeRawChunk(chunk, offset: place(number * chunkRows))
    }
    let rest = rows - whole * chunkRows
    if rest > 0 || rows == 0 {
      let others = whole == 0 ? values : Array(values[(whole * chunkCount)...])
      try dataset.write(others, offset: place(whole * chunkRows), count: [rest] + rowShape)
    }
  }

  /// The first chunks of values, compressed by all threads.
  private func encode(_ values: [Element], chunks: Int) -> [RawChunk] {
    guard let encoding, chunks > 0 else { return [] }
    let chunkCount = chunkCount
    return Array(0..<chunks).concurrentMap { number in
      encoding.encode(values[number * chunkCount..<(number + 1) * chunkCount])
    }
  }

  private func create(rows: Int) throws -> Dataset {
    let chunk = [max(min(rows, chunkRows), 1)] + rowShape.map { max($0, 1) }
    let created = try file.createDataset(
      name, of: Element.self, shape: [0] + rowShape, maximumShape: [nil] + rowShape.map { $0 }, chunk: chunk,
      filters: filters)
    if !labels.isEmpty { try created.setDimensionLabels(labels) }
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      try created.attributes.set(name, to: value)
    }
    for (name, values) in texts.sorted(by: { $0.key < $1.key }) {
      try created.attributes.set(name, to: values)
    }
    try description(created)
    dataset = created
    return created
  }
}
