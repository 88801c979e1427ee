import CDeflate

/// Decodes the filters of chunks, without the C library of HDF5 and its lock. Each thread has its own decoder.
package final class ChunkDecoder {
  private let deflate = libdeflate_alloc_decompressor()
  private var scratch: [UnsafeMutableRawBufferPointer] = []

  package init() {}

  deinit {
    libdeflate_free_decompressor(deflate)
    for memory in scratch { memory.deallocate() }
  }

  /// A block's numbers.
  ///
  /// - Parameters:
  ///   - raw: What ``ChunkReader/fetch(_:recycling:)`` gave for the block.
  ///   - number: Index of the block.
  ///   - buffer: A buffer to reuse if it has the right size.
  /// - Throws: `checksumMismatch`, and `damaged` if it cannot be decompressed to a complete block.
  package func decode(
    _ raw: FilteredChunk, _ reader: ChunkReader, _ number: Int, recycling buffer: consuming [UInt8]
  ) throws(HDF5Error) -> Chunk {
    guard let pipeline = reader.pipeline else { preconditionFailure("the library decodes these chunks") }
    let byteCount = reader.chunkByteCount
    let stages = pipeline.undoing(mask: raw.filterMask, byteCount: byteCount)
    var bytes = ChunkReader.memory(buffer, byteCount: byteCount)
    let failure = raw.memory.withUnsafeBytes { source in
      bytes.withUnsafeMutableBytes {
        undo(
          stages, UnsafeRawBufferPointer(rebasing: source[..<raw.byteCount]), into: $0,
          elementSize: reader.elementByteCount)
      }
    }
    if let failure {
      throw reader.damage(failure.cause, at: reader.grid.offset(of: number), kind: failure.kind)
    }
    return reader.chunk(bytes, extent: reader.grid.chunk)
  }

  /// Why a raw chunk is not one of `byteCount` bytes; nil if it is.
  func failure(of raw: RawChunk, _ pipeline: FilterPipeline, byteCount: Int) -> Failure? {
    let stages = pipeline.undoing(mask: raw.filterMask, byteCount: byteCount)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { memory.deallocate() }
    // Shuffling keeps the number of bytes, whatever its width is.
    return raw.bytes.withUnsafeBytes { undo(stages, $0, into: memory, elementSize: 1) }
  }

  /// Why a chunk cannot be decoded.
  struct Failure {
    let cause: String
    var kind = HDF5Error.Kind.damaged
  }

  private func undo(
    _ stages: [(stage: FilterPipeline.Stage, byteCount: Int?)], _ source: UnsafeRawBufferPointer,
    into result: UnsafeMutableRawBufferPointer, elementSize: Int
  ) -> Failure? {
    var current = source
    // Checksums are checked in place; of the moving stages, the last one writes the result.
    var moves = stages.count(where: { $0.stage != .fletcher32 })
    for (stage, expected) in stages {
      if stage == .fletcher32 {
        guard current.count >= 4 else { return Failure(cause: "a checksum is missing") }
        let count = current.count - 4
        let stored = current.loadUnaligned(fromByteOffset: count, as: UInt32.self).littleEndian
        guard let start = current.baseAddress,
          Fletcher32.fits(stored: stored, Fletcher32.checksum(start, count: count))
        else { return Failure(cause: "checksum mismatch", kind: .checksumMismatch) }
        current = UnsafeRawBufferPointer(rebasing: current[..<count])
        continue
      }
      let size = stage.isCompression ? expected ?? result.count : current.count
      moves -= 1
      let output =
        moves == 0 && size == result.count ? result : memory(moves % 2, byteCount: size)
      guard apply(stage, current, output, elementSize: elementSize) else {
        return Failure(cause: "cannot be decompressed")
      }
      current = UnsafeRawBufferPointer(output)
    }
    guard current.count == result.count else {
      return Failure(cause: "it has \(current.count) bytes instead of \(result.count)")
    }
    if current.baseAddress != UnsafeRawPointer(result.baseAddress) { result.copyMemory(from: current) }
    return nil
  }

  /// Decodes one filter that moves bytes; false if they do not fill the output exactly.
  private func apply(
    _ stage: FilterPipeline.Stage, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
    elementSize: Int
  ) -> Bool {
    guard let source = input.baseAddress, let target = output.baseAddress else { return false }
    switch stage {
    case .deflate:
      var written = 0
      let status = libdeflate_zlib_decompress(deflate, source, input.count, target, output.count, &written)
      return status == LIBDEFLATE_SUCCESS && written == output.count
    case .lzf: return LZF.decompress(input, into: output) == output.count
    case .shuffle:
      ByteShuffle.undo(source, into: target, byteCount: output.count, width: elementSize)
      return true
    case .fletcher32: preconditionFailure("a checksum does not move bytes")
    }
  }

  /// Two alternating buffers.
  private func memory(_ index: Int, byteCount: Int) -> UnsafeMutableRawBufferPointer {
    while scratch.count <= index {
      scratch.append(UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 64))
    }
    if scratch[index].count < byteCount {
      scratch[index].deallocate()
      scratch[index] = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    }
    return UnsafeMutableRawBufferPointer(rebasing: scratch[index][..<byteCount])
  }
}
