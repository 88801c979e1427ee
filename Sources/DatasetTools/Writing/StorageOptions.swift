import HDF5

/// How datasets are laid out in a file.
public struct StorageOptions: Sendable, Equatable {
  /// What makes chunks smaller.
  public enum Compression: String, Sendable, CaseIterable {
    /// Deflate, as zlib and gzip do, after grouping the bytes of values by significance: read everywhere.
    case gzip
    /// h5py's fast compression, after the same grouping: larger files, read by h5py and Weft.
    case lzf
    /// None: the largest files.
    case none
  }

  /// What makes chunks smaller.
  public var compression = Compression.gzip
  /// Effort of gzip, from 1, fast, to 9, small.
  public var level = 4
  /// Rows of a chunk; nil for as many as make about 256 KiB.
  public var chunkRows: Int?

  /// gzip of level 4 in chunks of about 256 KiB.
  public init() {}

  /// What chunks of elements of a size go through on their way to the file.
  func filters(elementSize: Int) -> [Filter] {
    let shuffle: [Filter] = elementSize > 1 ? [.shuffle] : []
    return switch compression {
    case .gzip: shuffle + [.deflate(level: level)]
    case .lzf: shuffle + [.lzf]
    case .none: []
    }
  }
}
