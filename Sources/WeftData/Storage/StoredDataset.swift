import HDF5

/// A numeric dataset that is read through a block store. A class, as readers pass it on for every sequence.
final class StoredDataset: Sendable {
  let store: ChunkStore
  private let reader: ChunkReader
  private let number: Int32
  /// For a matrix of one row or column that is read as a vector, its long dimension; otherwise nil.
  private let vectorDimension: Int?
  /// Values per row (one index of the first dimension), if blocks contain whole rows.
  private let rowSize: Int?

  /// - Parameter isVector: Whether a matrix of one row or column is read as a vector.
  /// - Throws: If the dataset cannot be read.
  init(_ dataset: Dataset, isVector: Bool = false, in store: ChunkStore) throws(HDF5Error) {
    self.store = store
    reader = try ChunkReader(dataset)
    number = store.add(reader)
    let grid = reader.grid
    vectorDimension = isVector && grid.shape.count == 2 ? (grid.shape[1] == 1 ? 0 : 1) : nil
    let holdsRows = !grid.chunk.isEmpty && grid.chunk.dropFirst() == grid.shape.dropFirst()
    rowSize = holdsRows ? grid.shape.dropFirst().reduce(1, *) : nil
  }

  /// Decoded size of a block.
  var chunkByteCount: Int { reader.chunkByteCount }

  /// Calls `body` with each chunk that overlaps a block.
  ///
  /// - Parameters:
  ///   - offset: First index in every dimension, or in the leading ones; the others are read completely.
  ///   - count: Extent in the same dimensions.
  func visitChunks(offset: [Int], count: [Int], _ body: (ChunkStore.Key) -> Void) {
    if vectorDimension == 1 { return visitMatrix(offset: [0] + offset, count: [1] + count, body) }
    if rowSize != nil, count[0] > 0 {
      let rows = reader.grid.chunk[0]
      for chunk in offset[0] / rows...(offset[0] + count[0] - 1) / rows {
        body(ChunkStore.Key(dataset: number, chunk: chunk))
      }
      return
    }
    visitMatrix(offset: offset, count: count, body)
  }

  private func visitMatrix(offset: [Int], count: [Int], _ body: (ChunkStore.Key) -> Void) {
    let whole = reader.grid.shape.dropFirst(offset.count)
    forEachChunk(offset: offset + whole.map { _ in 0 }, count: count + whole) {
      body(ChunkStore.Key(dataset: number, chunk: $0))
    }
  }

  /// Reads a block, in row-major order, into some steps of an array.
  ///
  /// - Parameters:
  ///   - step: The first step of the array to fill.
  ///   - columns: The columns of the array to fill.
  /// - Returns: Whether all values are known to be finite.
  /// - Throws: If a chunk is damaged.
  func read<Element: StepNumber>(
    offset: [Int], count: [Int], into result: inout [Element], at step: Int, _ columns: StepColumns
  ) throws(HDF5Error) -> Bool {
    if let vectorDimension, offset.count == 1 {
      let isColumn = vectorDimension == 0
      return try read(
        offset: isColumn ? offset + [0] : [0] + offset, count: isColumn ? count + [1] : [1] + count,
        into: &result, at: step, columns)
    }
    if let rowSize, let run = run(offset: offset, count: count) {
      return try read(
        run, of: rowSize, firstRow: offset[0], rows: count[0], into: &result, at: step, columns)
    }
    var numbers: [Int] = []
    forEachChunk(offset: offset, count: count) { numbers.append($0) }
    var areFinite = true
    for chunk in numbers {
      let block = try store.block(ChunkStore.Key(dataset: number, chunk: chunk))
      let isFinite = try copy(
        block, at: reader.grid.offset(of: chunk), offset: offset, count: count, into: &result,
        at: columns.place(of: step), columns)
      areFinite = areFinite && isFinite
    }
    return areFinite
  }

  /// The requested values of each row, if they are contiguous and blocks contain whole rows; otherwise nil.
  private func run(offset: [Int], count: [Int]) -> Range<Int>? {
    guard let rowSize, count[0] > 0 else { return nil }
    let shape = reader.grid.shape
    if shape.count == 1 { return 0..<1 }
    let inner = shape.dropFirst(2).reduce(1, *)
    for dimension in 2..<max(2, shape.count) where count[dimension] != shape[dimension] { return nil }
    let range = offset[1] * inner..<(offset[1] + count[1]) * inner
    return count[0] == 1 || range.count == rowSize ? range : nil
  }

  private func read<Element: StepNumber>(
    _ run: Range<Int>, of rowSize: Int, firstRow: Int, rows: Int, into result: inout [Element], at step: Int,
    _ columns: StepColumns
  ) throws(HDF5Error) -> Bool {
    let rowsOfChunk = reader.grid.chunk[0]
    let stepsOfRow = run.count / columns.width
    // Rows whose steps are contiguous in the array as in the chunk are converted at once.
    let isAtOnce = columns.isWhole || stepsOfRow == 1
    var (row, step) = (firstRow, step)
    var areFinite = true
    while row < firstRow + rows {
      let chunk = row / rowsOfChunk
      let block = try store.block(ChunkStore.Key(dataset: number, chunk: chunk))
      let end = isAtOnce ? min(firstRow + rows, (chunk + 1) * rowsOfChunk) : row + 1
      let first = (row - chunk * rowsOfChunk) * rowSize + run.lowerBound
      let rows = ChunkRows(
        count: isAtOnce ? end - row : stepsOfRow, length: isAtOnce ? run.count : columns.width,
        source: first, sourceStride: isAtOnce ? rowSize : columns.width, target: columns.place(of: step),
        targetStride: columns.isWhole ? run.count : columns.stride)
      let isFinite = try convert(block, rows, into: &result)
      step += (end - row) * stepsOfRow
      row = end
      areFinite = areFinite && isFinite
    }
    return areFinite
  }

  private func forEachChunk(offset: [Int], count: [Int], _ body: (Int) -> Void) {
    if count.contains(0) { return }
    let (chunk, counts) = (reader.grid.chunk, reader.grid.counts)
    let first = offset.indices.map { offset[$0] / chunk[$0] }
    let last = offset.indices.map { (offset[$0] + count[$0] - 1) / chunk[$0] }
    var index = first
    while true {
      var number = 0
      for dimension in index.indices { number = number * counts[dimension] + index[dimension] }
      body(number)
      guard let next = index.indices.last(where: { index[$0] < last[$0] }) else { return }
      index[next] += 1
      for dimension in (next + 1)..<index.count { index[dimension] = first[dimension] }
    }
  }

  /// Copies the overlap of a block at `origin` with the requested one.
  ///
  /// - Returns: Whether all of its values are finite.
  private func copy<Element: StepNumber>(
    _ block: Block, at origin: [Int], offset: [Int], count: [Int], into result: inout [Element],
    at position: Int, _ columns: StepColumns
  ) throws(HDF5Error) -> Bool {
    // Steps of a single value are rows of one element if the array has other columns between them.
    if !columns.isWhole, columns.width == 1 {
      return try copy(
        block, extent: block.extent + [1], at: origin + [0], offset: offset + [0], count: count + [1],
        into: &result, at: position, pitch: columns.stride)
    }
    return try copy(
      block, extent: block.extent, at: origin, offset: offset, count: count, into: &result, at: position,
      pitch: columns.isWhole ? count.last ?? 1 : columns.stride)
  }

  /// - Parameter pitch: Distance between rows of the last dimension in the result.
  private func copy<Element: StepNumber>(
    _ block: Block, extent: [Int], at origin: [Int], offset: [Int], count: [Int],
    into result: inout [Element], at position: Int, pitch: Int
  ) throws(HDF5Error) -> Bool {
    let rank = offset.count
    if rank == 0 {
      let value = ChunkRows(
        count: 1, length: 1, source: 0, sourceStride: 1, target: position, targetStride: 1)
      return try convert(block, value, into: &result)
    }
    let begin = offset.indices.map { max(offset[$0], origin[$0]) }
    let end = offset.indices.map { min(offset[$0] + count[$0], origin[$0] + extent[$0]) }
    let rowLength = end[rank - 1] - begin[rank - 1]
    var areFinite = true
    /// Recurses over all dimensions except the last two, which are converted at once as rows.
    func visit(_ dimension: Int, _ source: Int, _ target: Int) throws(HDF5Error) {
      if dimension < rank - 2 {
        for index in begin[dimension]..<end[dimension] {
          try visit(
            dimension + 1, (source + index - origin[dimension]) * extent[dimension + 1],
            (target + index - offset[dimension]) * count[dimension + 1])
        }
        return
      }
      let last = rank - 1
      let (sourceRow, targetRow) =
        rank == 1
        ? (0, 0)
        : (
          (source + begin[last - 1] - origin[last - 1]) * extent[last],
          (target + begin[last - 1] - offset[last - 1]) * pitch
        )
      let rows = ChunkRows(
        count: rank == 1 ? 1 : end[last - 1] - begin[last - 1], length: rowLength,
        source: sourceRow + begin[last] - origin[last], sourceStride: rank == 1 ? rowLength : extent[last],
        target: position + targetRow + begin[last] - offset[last],
        targetStride: rank == 1 ? rowLength : pitch)
      let isFinite = try convert(block, rows, into: &result)
      areFinite = areFinite && isFinite
    }
    try visit(0, 0, 0)
    return areFinite
  }

  /// Converts rows of a block, which are read first if they are still in the file.
  ///
  /// - Returns: Whether all of their numbers are finite.
  private func convert<Element: StepNumber>(
    _ block: Block, _ rows: ChunkRows, into result: inout [Element]
  ) throws(HDF5Error) -> Bool {
    switch block {
    case .decoded(let chunk): Element.convert(reader, chunk, rows, into: &result)
    case .located(let region, _):
      try reader.read(region, rows, into: &result) { chunk, rows, result in
        Element.convert(reader, chunk, rows, into: &result)
      }
    }
  }
}

/// A type of numbers in steps.
protocol StepNumber: HDF5Element, ExpressibleByIntegerLiteral {
  /// Converts rows of a block, as `ChunkReader.convert`.
  static func convert(
    _ reader: ChunkReader, _ chunk: Chunk, _ rows: ChunkRows, into output: inout [Self]
  ) -> Bool
}

extension Float: StepNumber {
  static func convert(
    _ reader: ChunkReader, _ chunk: Chunk, _ rows: ChunkRows, into output: inout [Float]
  ) -> Bool {
    reader.convert(chunk, rows, into: &output)
  }
}

extension Int32: StepNumber {
  static func convert(
    _ reader: ChunkReader, _ chunk: Chunk, _ rows: ChunkRows, into output: inout [Int32]
  ) -> Bool {
    reader.convert(chunk, rows, into: &output)
  }
}

extension Double: StepNumber {
  static func convert(
    _ reader: ChunkReader, _ chunk: Chunk, _ rows: ChunkRows, into output: inout [Double]
  ) -> Bool {
    reader.convert(chunk, rows, into: &output)
  }
}
