import HDF5

/// How datasets are laid out in a file.
public struct StorageOptions: Sendable, Equatable {
  /// Compression of chunks.
  public enum Compression: String, Sendable, CaseIterable {
    /// Deflate (zlib, gzip) after the shuffle filter: readable everywhere.
    case gzip
    /// LZF after the shuffle filter: faster, with larger files, readable by h5py and Weft.
    case lzf
    /// No compression.
    case none
  }

  /// Compression of chunks.
  public var compression = Compression.gzip
  /// gzip level, from 1 (fast) to 9 (small).
  public var level = 4
  /// Rows per chunk; nil for about 256 KiB.
  public var chunkRows: Int?

  /// gzip level 4 in chunks of about 256 KiB.
  public init() {}

  /// Filters of chunks with elements of a given size.
  func filters(elementSize: Int) -> [Filter] {
    let shuffle: [Filter] = elementSize > 1 ? [.shuffle] : []
    return switch compression {
    case .gzip: shuffle + [.deflate(level: level)]
    case .lzf: shuffle + [.lzf]
    case .none: []
    }
  }
}
