import HDF5
import WeftConfiguration

/// Which targets of a dataset count: those of steps, not of padding, and by the mask.
struct CountedTargets: Sendable {
  /// The number of steps of each row; nil for all.
  private var lengths: [Int]?
  /// Whether each target counts, row-major; nil for all.
  private var mask: [UInt8]?

  /// All of them.
  init() {}

  /// Whether all count.
  var areAll: Bool { lengths == nil && mask == nil }

  /// What a configuration says of the targets of a split. What is wrong with it is told where the targets are read.
  init(_ finder: DatasetFinder, format: DataFormat, hasTargetPerStep: Bool, shape: [Int]) {
    let (data, group) = (finder.data, finder.group)
    func dataset(_ name: String?, _ usual: String, _ key: String) -> Dataset? {
      guard let name = name ?? ((try? group.contains(usual)) == true ? usual : nil) else { return nil }
      return try? finder.dataset(name, key: key)
    }
    var names: (own: String?, usual: String, key: String)?
    if finder.requirements.wantsTargetSequences {
      let isRagged = data.targetOffsets != nil || (try? group.contains("target_offsets")) == true
      if !isRagged { names = (data.targetLengths, "target_lengths", "data.target_lengths") }
    } else if format == .dense, hasTargetPerStep {
      names = (data.lengths, "lengths", "data.lengths")
    }
    if let names, shape.count >= 2, let dataset = dataset(names.own, names.usual, names.key) {
      lengths = (try? dataset.read(as: Int.self)).flatMap { $0.count == shape[0] ? $0 : nil }
    }
    if names?.usual == "lengths", names?.own == nil, lengths == nil,
      let readers = try? finder.inputNames().map({ try finder.reader($0, format: format, isTarget: false) })
    {
      let own = (try? PaddedLengths(readers, padding: data.padding)?.lengths()) ?? nil
      if own?.count == shape.first, shape.count >= 2 { lengths = own }
    }
    let count = shape.reduce(1, *)
    if let name = data.mask, let dataset = try? finder.dataset(name, key: "data.mask"),
      (try? dataset.shape.reduce(1, *)) == count
    {
      mask = try? dataset.read(as: UInt8.self)
    }
  }

  /// Replaces what does not count by NaN, in a row along the last dimension of the dataset.
  ///
  /// - Parameters:
  ///   - first: Indices of the first value.
  ///   - shape: Shape of the dataset.
  func apply(to values: inout [Double], from first: [Int], _ shape: [Int]) {
    if let lengths, first.count >= 2 {
      let length = lengths[first[0]]
      if first.count == 2 {
        for index in values.indices where first[1] + index >= length { values[index] = .nan }
      } else if first[1] >= length {
        for index in values.indices { values[index] = .nan }
      }
    }
    if let mask {
      let start = zip(first, shape).reduce(0) { $0 * $1.1 + $1.0 }
      for index in values.indices where mask[start + index] == 0 { values[index] = .nan }
    }
  }
}
