import HDF5
import Synchronization
import WeftBase

/// Reads all blocks of a dataset once: one thread at a time reads the file, all decode.
struct BlockScan {
  let reader: ChunkReader

  /// - Throws: If the dataset is not numeric or cannot be read.
  init(_ dataset: Dataset) throws(HDF5Error) { reader = try ChunkReader(dataset) }

  /// Calls `body` with every block or the error of reading it, in no particular order, on several threads.
  func forEach(
    threads: Int = AvailableProcessors.count,
    _ body: @Sendable (Int, Result<Chunk, HDF5Error>) -> Void
  ) {
    let count = reader.grid.count
    let workers = max(1, min(threads, count))
    let next = Atomic(0)
    WorkerPool(count: workers).run { _ in
      let decoder = ChunkDecoder()
      while case let number = next.wrappingAdd(1, ordering: .relaxed).oldValue, number < count {
        body(number, read(number, decoder))
      }
    }
  }

  /// One block.
  func read(_ number: Int, _ decoder: ChunkDecoder) -> Result<Chunk, HDF5Error> {
    decode(fetch(number), number, decoder)
  }

  /// One block as it is stored.
  func fetch(_ number: Int) -> Result<FetchedChunk, HDF5Error> {
    Result { () throws(HDF5Error) in try reader.fetch(number, recycling: []) }
  }

  /// A block that was fetched.
  func decode(
    _ fetched: Result<FetchedChunk, HDF5Error>, _ number: Int, _ decoder: ChunkDecoder
  ) -> Result<Chunk, HDF5Error> {
    Result { () throws(HDF5Error) in
      switch try fetched.get() {
      case .decoded(let chunk): chunk
      case .filtered(let raw): try decoder.decode(raw, reader, number, recycling: [])
      }
    }
  }

  /// The extremes of the numbers of a dataset.
  struct Extremes: Sendable {
    var least = Double.infinity
    var greatest = -Double.infinity
    /// The least that is not negative.
    var leastPositive = Double.infinity
    /// A number that is not whole; nil if none was found.
    var fraction: Double?

    /// Adds all numbers but NaN.
    mutating func add(_ values: [Double]) {
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for value in values where !value.isNaN {
        least = min(least, value)
        greatest = max(greatest, value)
        if fraction == nil, value != value.rounded() { fraction = value }
      }
      var leastPositive = least
      if least < 0 {
        leastPositive = values.reduce(.infinity) { $1 >= 0 ? min($0, $1) : $0 }
      }
      add(Extremes(least: least, greatest: greatest, leastPositive: leastPositive))
    }

    mutating func add(_ other: Extremes) {
      least = min(least, other.least)
      greatest = max(greatest, other.greatest)
      leastPositive = min(leastPositive, other.leastPositive)
      fraction = fraction ?? other.fraction
    }
  }

  /// The extremes of all numbers but NaN; nil if there are none.
  ///
  /// - Parameter meaning: Replaces the numbers of a row, of which the indices of the first are given, by those that count.
  /// - Throws: If a block is damaged.
  func extremes(
    _ meaning: (@Sendable (_ first: [Int], _ values: inout [Double]) -> Void)? = nil
  ) throws(HDF5Error) -> Extremes? {
    struct Found: Sendable {
      var extremes: Extremes?
      var error: HDF5Error?
    }
    let found = Locked(Found())
    forEach { number, result in
      switch result {
      case .failure(let error): found.withLock { $0.error = $0.error ?? error }
      case .success(let chunk):
        var extremes = Extremes()
        rows(of: chunk, number) { first, values in
          guard let meaning else { return extremes.add(values) }
          var values = values
          meaning(first, &values)
          extremes.add(values)
        }
        guard extremes.least <= extremes.greatest else { return }
        let own = extremes
        found.withLock { found in
          if found.extremes?.add(own) == nil { found.extremes = own }
        }
      }
    }
    let result = found.withLock { $0 }
    if let error = result.error { throw error }
    return result.extremes
  }

  /// Calls `body` with the part of each row of a block that lies inside the dataset: the indices of its first element,
  /// and its numbers along the last dimension.
  func rows(of chunk: Chunk, _ number: Int, _ body: (_ first: [Int], _ values: [Double]) -> Void) {
    let (grid, extent) = (reader.grid, chunk.extent)
    let origin = grid.offset(of: number)
    let inside = origin.indices.map { min(grid.chunk[$0], grid.shape[$0] - origin[$0]) }
    if inside.contains(0) { return }
    let length = inside.last ?? 1
    var values = [Double](repeating: 0, count: length)
    /// Recurses over all dimensions but the last.
    func visit(_ dimension: Int, _ element: Int, _ place: [Int]) {
      if dimension >= inside.count - 1 {
        let row = ChunkRows(
          count: 1, length: length, source: element, sourceStride: length, target: 0, targetStride: length)
        reader.convert(chunk, row, into: &values)
        return body(place + origin.suffix(inside.isEmpty ? 0 : 1), values)
      }
      for index in 0..<inside[dimension] {
        visit(
          dimension + 1, (element + index) * extent[dimension + 1],
          place + [origin[dimension] + index])
      }
    }
    visit(0, 0, [])
  }
}
