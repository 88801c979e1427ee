import HDF5
import WeftBase
import WeftData

/// Reads arrays of steps, in which a dataset beside them tells where sequences begin, such as the unit and the cycle of
/// each step, or end.
struct RunReader {
  /// What tells the sequences.
  enum Bounds {
    /// A sequence begins wherever the values of each step change.
    case keys(Dataset)
    /// A sequence ends with a step that has a number other than 0 in one of these.
    case ends([Dataset])

    fileprivate var datasets: [Dataset] {
      switch self {
      case .keys(let dataset): [dataset]
      case .ends(let datasets): datasets
      }
    }
  }

  private let inputs: [Dataset]
  private let packings: [PackedValues?]
  private let bounds: Bounds
  private let notes: HierarchyNotes
  private let targets: TargetReader?
  private let groups: Dataset?
  private let count: Int
  private static let blockCount = 1 << 16

  /// - Parameters:
  ///   - targets: Targets of steps.
  ///   - groups: Values of steps; sequences whose first are equal stay together.
  /// - Throws: If they have different numbers of steps, or the inputs are no numbers.
  init(
    _ inputs: [Dataset], _ bounds: Bounds, targets: TargetReader?, groups: Dataset?, _ notes: HierarchyNotes
  ) throws {
    self.inputs = inputs
    self.bounds = bounds
    self.notes = notes
    self.targets = targets
    self.groups = groups
    count = try inputs[0].shape.first ?? 0
    for dataset in inputs {
      guard dataset.datatype.isNumeric, try (1...2).contains(dataset.shape.count) else {
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): has type \(dataset.datatype) and the shape"
            + " \(try dataset.shape); with --sequence-field and --ends, inputs are numbers of steps, or of steps and features"
        )
      }
    }
    for dataset in inputs + bounds.datasets + [targets?.dataset, groups].compactMap(\.self)
    where try dataset.shape.first != count {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): has the shape \(try dataset.shape), but \(inputs[0].path) has"
          + " \(count) steps")
    }
    packings = try inputs.map { try notes.packedValues(of: $0) }
  }

  /// Calls `body` with each run of steps.
  func forEachSequence(_ body: (SourceSequence) throws -> Void) throws {
    switch bounds {
    case .keys(let keys): try forEachRun(of: keys, body)
    case .ends(let ends): try forEachEnd(of: ends, body)
    }
  }

  private func forEachEnd(of ends: [Dataset], _ body: (SourceSequence) throws -> Void) throws {
    for dataset in ends {
      guard dataset.datatype.isNumeric, try dataset.shape.reduce(1, *) == count else {
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): has type \(dataset.datatype) and the shape \(try dataset.shape);"
            + " --ends needs one number or Boolean for each of \(count) steps")
      }
    }
    var start = 0
    for first in stride(from: 0, to: count, by: Self.blockCount) {
      let block = min(Self.blockCount, count - first)
      var isEnd = [Bool](repeating: false, count: block)
      for dataset in ends {
        let rest = try dataset.shape.dropFirst()
        let values = try dataset.read(
          as: Double.self, offset: [first] + rest.map { _ in 0 }, count: [block] + rest)
        for (index, value) in values.enumerated() where value != 0 { isEnd[index] = true }
      }
      for (index, isEnd) in isEnd.enumerated() where isEnd {
        try body(try sequence(start..<first + index + 1, name: nil))
        start = first + index + 1
      }
    }
    if start == 0, count > 0 {
      throw WeftError.data(
        "\(inputs[0].file): nothing ends a sequence: \(ends.map(\.path).joined(separator: ", ")) is 0 everywhere"
      )
    }
    if start < count {
      notes.add("the last \(count - start) steps have no end, and are a sequence")
      try body(try sequence(start..<count, name: nil))
    }
  }

  private func forEachRun(of keys: Dataset, _ body: (SourceSequence) throws -> Void) throws {
    var start = 0
    var key: [String]?
    for first in stride(from: 0, to: count, by: Self.blockCount) {
      let own = try values(of: keys, first..<min(first + Self.blockCount, count))
      for (index, value) in own.enumerated() where value != key {
        if let key { try body(try sequence(start..<first + index, name: key.joined(separator: "/"))) }
        (start, key) = (first + index, value)
      }
    }
    if let key { try body(try sequence(start..<count, name: key.joined(separator: "/"))) }
  }

  /// The values of each step of a dataset, as texts.
  private func values(of dataset: Dataset, _ steps: Range<Int>) throws -> [[String]] {
    let rest = Array(try dataset.shape.dropFirst())
    let (offset, count) = ([steps.lowerBound] + rest.map { _ in 0 }, [steps.count] + rest)
    let texts =
      dataset.datatype.isString
      ? try dataset.read(as: String.self, offset: offset, count: count)
      : try dataset.read(as: Double.self, offset: offset, count: count).map(Self.text)
    let width = max(texts.count / max(steps.count, 1), 1)
    return stride(from: 0, to: texts.count, by: width).map { Array(texts[$0..<$0 + width]) }
  }

  private static func text(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

  private func sequence(_ steps: Range<Int>, name: String?) throws -> SourceSequence {
    let columns = try zip(inputs, packings).map { dataset, packed in
      let rest = Array(try dataset.shape.dropFirst())
      var values = try dataset.read(
        as: Double.self, offset: [steps.lowerBound] + rest.map { _ in 0 }, count: [steps.count] + rest)
      packed?.unpack(&values)
      return (values: values, width: rest.reduce(1, *))
    }
    let (values, width) = try HierarchySource.sideBySide(columns, file: inputs[0].file)
    return SourceSequence(
      values: values, width: width, isPrecise: inputs.contains { $0.datatype.exceedsSinglePrecision },
      target: try targets?.steps(steps),
      group: try groups.map {
        try self.values(of: $0, steps.lowerBound..<steps.lowerBound + 1)[0].joined(separator: "/")
      }
        ?? name,
      name: name)
  }
}
