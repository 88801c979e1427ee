import CHDF5

extension [Filter] {
  /// Bytes to which the library's own filters decompress a stored chunk, as the chunk or the parameters tell; nil if there
  /// is none, or another filter changes their number.
  func libraryOutput(of chunk: RawChunk) -> Int? {
    let applied = indices.filter { chunk.filterMask & (1 << UInt32($0)) == 0 }.map { self[$0] }
    var size: Int?
    for filter in applied {
      switch filter {
      case .shuffle, .fletcher32: continue
      case .other(let id, _, let parameters):
        guard size == nil else { return nil }
        switch id {
        case Int(H5Z_FILTER_SZIP):
          guard chunk.bytes.count >= 4 else { return 0 }
          size = Int(UInt32(littleEndian: chunk.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }))
        case Int(H5Z_FILTER_NBIT), Int(H5Z_FILTER_SCALEOFFSET):
          // Their number of values, and the size of one. Bits that are all used are stored as they are.
          guard parameters.count > 4 else { return 0 }
          if id == Int(H5Z_FILTER_NBIT), parameters[1] != 0 { return nil }
          size = Int(clamping: UInt64(parameters[2]) * UInt64(parameters[4]))
        default: return nil
        }
      default: return nil
      }
    }
    return size
  }
}
