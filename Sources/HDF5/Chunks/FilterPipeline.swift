import CHDF5

/// The filters that Weft decodes by itself, in the order of writing.
struct FilterPipeline: Sendable, Hashable {
  enum Stage: Sendable, Hashable {
    case shuffle
    case deflate
    case fletcher32
    case lzf

    /// Whether the length of its result is known only after decompression.
    var isCompression: Bool { self == .deflate || self == .lzf }
  }

  let stages: [Stage]

  /// The filters of a dataset's creation property list; nil if one of them, or their order, is left to the library.
  ///
  /// - Parameter elementSize: The width of shuffling; nil for any.
  init?(of properties: Identifier, filters: [Filter], elementSize: Int?, at place: Place) throws(HDF5Error) {
    var stages: [Stage] = []
    for filter in filters {
      switch filter {
      case .shuffle:
        if let elementSize, try Self.shuffledWidth(properties, at: place) != elementSize { return nil }
        stages.append(.shuffle)
      case .deflate: stages.append(.deflate)
      case .fletcher32: stages.append(.fletcher32)
      case .lzf: stages.append(.lzf)
      case .other: return nil
      }
    }
    // A mask has 32 bits, and twice compressed is nowhere used.
    guard stages.count(where: \.isCompression) <= 1, stages.count <= 32 else { return nil }
    self.stages = stages
  }

  /// Element size of the shuffle filter.
  private static func shuffledWidth(_ properties: Identifier, at place: Place) throws(HDF5Error) -> Int {
    var (flags, configuration): (UInt32, UInt32) = (0, 0)
    var (count, width) = (1, UInt32(0))
    try place.check("cannot read its filters") {
      H5Pget_filter_by_id2(
        properties.value, H5Z_filter_t(H5Z_FILTER_SHUFFLE), &flags, &count, &width, 0, nil, &configuration)
    }
    return count >= 1 ? Int(width) : 0
  }

  /// The stages of a chunk, last one first, each with its input size if known: all except those after a compression.
  func undoing(mask: UInt32, byteCount: Int) -> [(stage: Stage, byteCount: Int?)] {
    var size: Int? = byteCount
    var result: [(stage: Stage, byteCount: Int?)] = []
    for (index, stage) in stages.enumerated() where mask & (1 << UInt32(index)) == 0 {
      result.append((stage, size))
      if stage.isCompression { size = nil } else if stage == .fletcher32 { size = size.map { $0 + 4 } }
    }
    return result.reversed()
  }
}
