extension ChunkReader {
  /// Adds the numbers of a block to a checksum, at their row-major positions in the dataset.
  ///
  /// Numbers count with their stored bits. What a chunk at the edge holds beyond the dataset does not count.
  /// - Throws: Any damage found.
  package func add(
    block number: Int, to checksum: inout PositionalChecksum, decoder: ChunkDecoder
  ) throws(HDF5Error) {
    let chunk =
      switch try fetch(number, recycling: []) {
      case .decoded(let chunk): chunk
      case .filtered(let raw): try decoder.decode(raw, self, number, recycling: [])
      }
    let origin = grid.offset(of: number)
    let inside = grid.clipped(at: origin)
    chunk.bytes.withUnsafeBytes { bytes in
      switch elementByteCount {
      case 1: add(bytes, UInt8.self, chunk.extent, inside, at: origin, to: &checksum)
      case 2: add(bytes, UInt16.self, chunk.extent, inside, at: origin, to: &checksum)
      case 4: add(bytes, UInt32.self, chunk.extent, inside, at: origin, to: &checksum)
      default: add(bytes, UInt64.self, chunk.extent, inside, at: origin, to: &checksum)
      }
    }
  }

  /// - Parameters:
  ///   - extent: The extent of the block in memory.
  ///   - inside: The extent of its part inside the dataset.
  ///   - origin: Indices of its first element in the dataset.
  private func add<Bits: FixedWidthInteger & UnsignedInteger>(
    _ bytes: UnsafeRawBufferPointer, _ type: Bits.Type, _ extent: [Int], _ inside: [Int], at origin: [Int],
    to checksum: inout PositionalChecksum
  ) {
    let rank = inside.count
    if inside.contains(0) { return }
    /// Recurses over all dimensions but the last. Positions wrap around in shapes beyond 2⁶⁴.
    func visit(_ dimension: Int, element: Int, position: UInt64) {
      if dimension >= rank - 1 {
        let first = rank == 0 ? 0 : origin[rank - 1]
        for column in 0..<(rank == 0 ? 1 : inside[rank - 1]) {
          let bits = bytes.loadUnaligned(
            fromByteOffset: (element + column) * MemoryLayout<Bits>.size, as: Bits.self)
          checksum.add(UInt64(bits), at: position &+ UInt64(first + column))
        }
        return
      }
      for index in 0..<inside[dimension] {
        let row = position &+ UInt64(origin[dimension] + index)
        visit(
          dimension + 1, element: (element + index) * extent[dimension + 1],
          position: row &* UInt64(grid.shape[dimension + 1]))
      }
    }
    visit(0, element: 0, position: 0)
  }
}
