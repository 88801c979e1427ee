import HDF5
import WeftData

/// Reads a dataset of a group and summarizes its values.
struct MemberSurvey {
  let description: DatasetDescription.MemberDescription

  private static let featureCount = 16
  private static let classCount = 10
  private static let blockByteCount = 8 << 20
  private static let ranges = 12

  init(
    _ member: SequenceGroup.Member, of group: SequenceGroup, names: [String]?, _ progress: ProgressReporter
  ) throws {
    let dataset = member.dataset
    let shape = try dataset.shape
    var features: [RunningStatistics] = []
    var counts: [Int: Int] = [:]
    var values: Histogram?
    // What the conventions of NetCDF say of the stored numbers.
    let packed = dataset.datatype.isNumeric ? try PackedValues(of: dataset) : nil
    let areNumbers = dataset.datatype.isNumeric && member.rows != .offsets && member.name != "lengths"
    // Columns of labels or of one-hot rows, rather than a class at each step.
    let areColumns =
      member.name == "targets" && shape.count > 1 && shape[shape.count - 1] > 1
      && (group.layout != .dense || shape.count > 2 || shape[1] != group.steps)
    let areClasses =
      dataset.datatype.isInteger && packed?.isScaled != true && !areColumns
      && (member.name == "tokens" || member.name == "targets" || (member.name == "inputs" && names != nil))
    if areNumbers, areClasses {
      if let packed {
        try Self.forEachRow(group, member, as: Double.self, progress) { stored in
          for value in Self.means(stored, packed) {
            if let number = Int(exactly: value) { counts[number, default: 0] += 1 }
          }
        }
      } else {
        try Self.forEachRow(group, member, as: Int.self, progress) {
          for value in $0 { counts[value, default: 0] += 1 }
        }
      }
    } else if areNumbers {
      let isScalar = shape.count <= (group.layout == .dense ? 2 : 1) && !areColumns
      let width = isScalar ? 1 : shape[shape.count - 1]
      features = Array(repeating: RunningStatistics(), count: min(max(width, 1), Self.featureCount))
      var all = RunningStatistics()
      try Self.forEachRow(group, member, as: Double.self, progress) { row in
        for (index, value) in Self.means(row, packed).enumerated() {
          let feature = index % max(width, 1)
          if feature < features.count { features[feature].add(value) }
          all.add(value)
        }
      }
      if all.count > 0 {
        var histogram = Histogram(minimum: all.minimum, maximum: all.maximum, ranges: Self.ranges)
        try Self.forEachRow(group, member, as: Double.self, progress) {
          for value in Self.means($0, packed) { histogram.add(value) }
        }
        values = histogram
      }
    }
    let featureNames =
      try dataset.featureNames()
    let width = shape.last ?? 1
    let common = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    description = DatasetDescription.MemberDescription(
      name: member.name, type: "\(dataset.datatype)", shape: shape, chunk: dataset.chunkShape,
      filters: dataset.filters.map { "\($0)" }, storedBytes: dataset.storageByteCount,
      features: features.enumerated().map { index, feature in
        DatasetDescription.FeatureDescription(
          name: index < featureNames.count ? featureNames[index] : "\(index)", mean: feature.mean,
          standardDeviation: feature.standardDeviation, minimum: feature.count > 0 ? feature.minimum : 0,
          maximum: feature.count > 0 ? feature.maximum : 0, nonFiniteCount: feature.nonFiniteCount)
      },
      omittedFeatures: features.count == Self.featureCount ? width - features.count : 0, values: values,
      classes: common.prefix(Self.classCount).map { number, count in
        let name = names.flatMap { $0.indices.contains(number) ? $0[number] : nil }
        return DatasetDescription.ClassDescription(number: number, name: name, count: count)
      }, distinctClasses: counts.count, meaning: packed?.summary)
  }

  /// What stored numbers mean.
  private static func means(_ stored: ArraySlice<Double>, _ packed: PackedValues?) -> [Double] {
    var values = Array(stored)
    packed?.unpack(&values)
    return values
  }

  /// Calls `body` with blocks of the unpadded values.
  private static func forEachRow<Element: HDF5Element>(
    _ group: SequenceGroup, _ member: SequenceGroup.Member, as type: Element.Type,
    _ progress: ProgressReporter,
    _ body: (ArraySlice<Element>) -> Void
  ) throws {
    let dataset = member.dataset
    let shape = try dataset.shape
    guard let rows = shape.first else { return body(try dataset.read(as: type)[...]) }
    let rest = Array(shape.dropFirst())
    let rowCount = rest.reduce(1, *)
    let perBlock = max(blockByteCount / max(rowCount * MemoryLayout<Element>.stride, 1), 1)
    // Values beyond the length of a dense sequence are padding.
    let isPadded = group.lengths != nil && rest.first == group.steps && rows == group.count && !rest.isEmpty
    progress.begin("reading \(dataset.path)", total: rows, unit: "rows")
    for first in stride(from: 0, to: rows, by: perBlock) {
      let count = min(perBlock, rows - first)
      let block = try dataset.read(as: type, offset: [first] + rest.map { _ in 0 }, count: [count] + rest)
      progress.advance(by: count)
      guard isPadded else {
        body(block[...])
        continue
      }
      for row in 0..<count {
        let start = row * rowCount
        body(block[start..<start + group.length(of: first + row) * (rowCount / max(group.steps, 1))])
      }
    }
  }
}
