import HDF5
import WeftBase

/// Groups that hold parts of the same series, as series that are divided by time leave them.
struct PartsOfSeries {
  private let groups: [SequenceGroup]
  /// The items of each series, by its name, in the groups that have it.
  private var items: [String: [(group: Int, item: Int)]] = [:]

  /// Series that are examined for rows that two groups have.
  private static let most = 100
  /// Steps at the end of a part in which the first one of the next is searched.
  private static let searched = 1 << 16

  init(_ groups: [SequenceGroup]) throws {
    self.groups = groups
    guard groups.count > 1 else { return }
    for (number, group) in groups.enumerated() {
      if group.layout == .stream {
        items["", default: []].append((number, 0))
        continue
      }
      for (item, name) in try group.names(atMost: group.count).enumerated() {
        items[name, default: []].append((number, item))
      }
    }
    items = items.filter { Set($0.value.map(\.group)).count > 1 }
  }

  /// A note on series of which several groups have parts; nil without any.
  var note: String? {
    let count = items.keys.count { !$0.isEmpty }
    guard count > 0 else { return nil }
    return
      "\(count == 1 ? "a series has" : "\(count) series have") parts in several of the groups, which may lie in different"
      + " splits; --groups names keeps them together"
  }

  /// - Throws: If a part begins with rows of the one before it, which would be doubled, and lie in two splits.
  func checkOverlaps() throws {
    for name in items.keys.sorted().prefix(Self.most) {
      let parts = items[name] ?? []
      for (part, next) in zip(parts, parts.dropFirst()) where part.group != next.group {
        guard try begins(next, within: part) else { continue }
        let (one, other) = (groups[part.group], groups[next.group])
        throw WeftError.data(
          "\(one.file.path): \(name.isEmpty ? "" : "the series '\(name)' in ")/\(other.name) begins with steps that /\(one.name)"
            + " has as well, for forecasts of the first ones (--lead-in); divide the original data")
      }
    }
  }

  /// Whether the first step of a part is a step of another, with the same time and inputs.
  private func begins(
    _ next: (group: Int, item: Int), within part: (group: Int, item: Int)
  ) throws -> Bool {
    let (group, other) = (groups[part.group], groups[next.group])
    guard let times = group.members.first(where: { $0.name == "time" }), group.layout == other.layout,
      let otherTimes = other.members.first(where: { $0.name == "time" }), group.layout != .dense
    else { return false }
    func steps(_ group: SequenceGroup, _ item: Int) -> Range<Int> {
      group.layout == .stream ? 0..<group.count : group.rows(group.input, of: item)
    }
    let (own, first) = (steps(group, part.item), steps(other, next.item))
    guard !own.isEmpty, !first.isEmpty else { return false }
    let begin = max(own.lowerBound, own.upperBound - Self.searched)
    let known = try times.dataset.read(as: Double.self, offset: [begin], count: [own.upperBound - begin])
    let time = try otherTimes.dataset.read(as: Double.self, offset: [first.lowerBound], count: [1])
    guard let place = known.firstIndex(where: { $0 == time.first }) else { return false }
    func row(_ group: SequenceGroup, _ step: Int) throws -> [Double] {
      let shape = try group.input.dataset.shape.dropFirst()
      return try group.input.dataset.read(
        as: Double.self, offset: [step] + shape.map { _ in 0 }, count: [1] + shape)
    }
    return zip(try row(group, begin + place), try row(other, first.lowerBound)).allSatisfy {
      $0 == $1 || $0.isNaN && $1.isNaN
    }
  }
}
