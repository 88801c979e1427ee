import CHDF5

/// A step between the values of a chunk and its bytes in the file.
public enum Filter: Sendable, Hashable {
  /// Compression as in zlib and gzip, level 0 (none) to 9 (smallest).
  case deflate(level: Int)
  /// Shuffle: groups bytes by significance, which improves compression.
  case shuffle
  /// A checksum over each chunk, verified whenever the chunk is read.
  case fletcher32
  /// h5py's fast compression, which h5py and Weft read.
  case lzf
  /// Any other filter: its registered number, its name as far as known, and its parameters.
  case other(id: Int, name: String, parameters: [UInt32])

  /// Numbers and names from The HDF Group's registry of filters.
  private static let names: [Int: String] = [
    4: "szip", 5: "nbit", 6: "scaleoffset", 305: "lzo", 307: "bzip2", 32000: "lzf", 32001: "blosc",
    32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32017: "sz", 32026: "blosc2",
  ]

  static let lzfIdentifier = 32000

  init(id: Int, storedName: String, parameters: [UInt32]) {
    switch id {
    case Int(H5Z_FILTER_DEFLATE): self = .deflate(level: Int(parameters.first ?? 0))
    case Int(H5Z_FILTER_SHUFFLE): self = .shuffle
    case Int(H5Z_FILTER_FLETCHER32): self = .fletcher32
    case Self.lzfIdentifier: self = .lzf
    default:
      let name = Self.names[id] ?? (storedName.isEmpty ? "filter \(id)" : storedName.onOneLine)
      self = .other(id: id, name: name, parameters: parameters)
    }
  }

  /// The number that identifies the filter in files.
  public var id: Int {
    switch self {
    case .deflate: Int(H5Z_FILTER_DEFLATE)
    case .shuffle: Int(H5Z_FILTER_SHUFFLE)
    case .fletcher32: Int(H5Z_FILTER_FLETCHER32)
    case .lzf: Self.lzfIdentifier
    case .other(let id, _, _): id
    }
  }

  /// Where its plugin may be found, for errors: the registered filters that the Python package hdf5plugin contains.
  var pluginAdvice: String {
    let packaged = [307, 32001, 32004, 32008, 32013, 32015, 32017, 32018, 32024, 32026, 32028]
    return packaged.contains(id)
      ? " (pip install hdf5plugin; python3 -c 'import hdf5plugin; print(hdf5plugin.PLUGIN_PATH)' prints it)"
      : ""
  }

  /// Whether this machine can read data that went through the filter.
  public var isAvailable: Bool {
    Library.exclusively { H5Zfilter_avail(H5Z_filter_t(id)) > 0 }
  }
}

extension Filter: CustomStringConvertible {
  /// Short text: `deflate(6)`, `shuffle`, `zstd(3)`.
  public var description: String {
    switch self {
    case .deflate(let level): "deflate(\(level))"
    case .shuffle: "shuffle"
    case .fletcher32: "fletcher32"
    case .lzf: "lzf"
    case .other(_, let name, let parameters):
      parameters.isEmpty
        ? name : "\(name)(\(parameters.prefix(8).map(String.init).joined(separator: ", ")))"
    }
  }
}

extension Filter {
  /// The filters of a dataset's creation property list, in the order of writing.
  static func list(of properties: Identifier, at place: Place) throws(HDF5Error) -> [Filter] {
    let attempt = "cannot read its filters"
    let count = try place.check(attempt) { H5Pget_nfilters(properties.value) }
    var filters: [Filter] = []
    for index in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var parameters = [UInt32](repeating: 0, count: 32)
      var parameterCount = parameters.count
      var name = [CChar](repeating: 0, count: 64)
      var configuration: UInt32 = 0
      let id = try place.check(attempt) {
        H5Pget_filter2(
          properties.value, index, &flags, &parameterCount, &parameters, name.count, &name, &configuration)
      }
      let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      filters.append(
        Filter(
          id: Int(id), storedName: text,
          parameters: Array(parameters.prefix(min(max(parameterCount, 0), parameters.count)))))
    }
    return filters
  }

  /// Appends the filter to a creation property list.
  func add(to properties: Identifier, at place: Place) throws(HDF5Error) {
    let attempt = "cannot use the filter \(self)"
    switch self {
    case .deflate(let level):
      guard (0...9).contains(level) else {
        throw place.error(.invalidArgument, attempt, "the level must be from 0 to 9")
      }
      try place.check(attempt) { H5Pset_deflate(properties.value, UInt32(level)) }
    case .shuffle: try place.check(attempt) { H5Pset_shuffle(properties.value) }
    case .fletcher32: try place.check(attempt) { H5Pset_fletcher32(properties.value) }
    case .lzf:
      // A chunk that does not get smaller is stored as it is.
      try place.check(attempt) {
        H5Pset_filter(properties.value, H5Z_filter_t(id), UInt32(H5Z_FLAG_OPTIONAL), 0, nil)
      }
    case .other(let id, _, let parameters):
      guard isAvailable else {
        throw place.error(.filterUnavailable, attempt, "this machine's HDF5 library does not have it")
      }
      try place.check(attempt) {
        H5Pset_filter(
          properties.value, H5Z_filter_t(id), 0, parameters.count, parameters)
      }
    }
  }
}
