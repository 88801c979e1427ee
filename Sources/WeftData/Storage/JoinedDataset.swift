import HDF5

/// Datasets of several files, concatenated along the first dimension.
struct JoinedDataset: Sendable {
  /// The dataset of one file.
  final class Part: Sendable {
    let stored: StoredDataset
    let file: String
    let path: String
    /// Its first row in the concatenation, and its number of rows.
    let first: Int
    let rows: Int

    init(stored: StoredDataset, file: String, path: String, first: Int, rows: Int) {
      self.stored = stored
      self.file = file
      self.path = path
      self.first = first
      self.rows = rows
    }
  }

  let parts: [Part]
  let store: ChunkStore

  /// - Parameters:
  ///   - datasets: The datasets with the names of their files; shapes may differ only in the first dimension.
  ///   - areVectors: Whether matrices of one row or column are read as vectors.
  /// - Throws: If a dataset cannot be read.
  init(_ datasets: [(file: String, dataset: Dataset)], areVectors: Bool, in store: ChunkStore) throws {
    self.store = store
    var parts: [Part] = []
    var first = 0
    for (file, dataset) in datasets {
      let shape = try dataset.shape
      let rows = areVectors ? shape.reduce(1, *) : shape.first ?? 1
      parts.append(
        Part(
          stored: try StoredDataset(dataset, isVector: areVectors, in: store), file: file, path: dataset.path,
          first: first, rows: rows))
      first += rows
    }
    self.parts = parts
  }

  /// Decoded size of the largest block.
  var chunkByteCount: Int { parts.map(\.stored.chunkByteCount).max() ?? 0 }

  /// The part that contains a row.
  func part(holding row: Int) -> Part {
    if parts.count == 1 { return parts[0] }
    var (low, high) = (0, parts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if parts[middle].first <= row { low = middle } else { high = middle - 1 }
    }
    return parts[low]
  }

  /// Calls `body` with each chunk that overlaps a block; see `StoredDataset`.
  func visitChunks(offset: [Int], count: [Int], _ body: (ChunkStore.Key) -> Void) {
    if parts.count == 1 { return parts[0].stored.visitChunks(offset: offset, count: count, body) }
    forEachPart(offset, count) { part, offset, count, _ in
      part.stored.visitChunks(offset: offset, count: count, body)
    }
  }

  /// Reads a block into some steps of an array; see `StoredDataset`.
  func read<Element: StepNumber>(
    offset: [Int], count: [Int], into result: inout [Element], at step: Int, _ columns: StepColumns
  ) throws(HDF5Error) -> Bool {
    if parts.count == 1 {
      return try parts[0].stored.read(offset: offset, count: count, into: &result, at: step, columns)
    }
    let stepsOfRow = count.dropFirst().reduce(1, *) / columns.width
    var areFinite = true
    try forEachPart(offset, count) { part, offset, count, row throws(HDF5Error) in
      let own = try part.stored.read(
        offset: offset, count: count, into: &result, at: step + row * stepsOfRow, columns)
      areFinite = areFinite && own
    }
    return areFinite
  }

  /// Calls `body` with each part that overlaps a block, the block within it, and the number of rows before it.
  private func forEachPart<Failure: Error>(
    _ offset: [Int], _ count: [Int], _ body: (Part, [Int], [Int], Int) throws(Failure) -> Void
  ) throws(Failure) {
    if parts.count == 1 || offset.isEmpty { return try body(parts[0], offset, count, 0) }
    var row = offset[0]
    let end = offset[0] + count[0]
    while row < end {
      let part = part(holding: row)
      let rows = min(end, part.first + part.rows) - row
      try body(part, [row - part.first] + offset.dropFirst(), [rows] + count.dropFirst(), row - offset[0])
      row += rows
    }
  }
}
