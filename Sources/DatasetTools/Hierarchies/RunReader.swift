import HDF5
import WeftBase
import WeftData

/// Reads arrays of steps, in which a sequence begins wherever the values of a dataset beside them change, such as the
/// unit and the cycle of each step.
struct RunReader {
  private let inputs: [Dataset]
  private let packings: [PackedValues?]
  private let keys: Dataset
  private let targets: TargetReader?
  private let groups: Dataset?
  private let count: Int
  private static let blockCount = 1 << 16

  /// - Parameters:
  ///   - targets: Targets of steps.
  ///   - groups: Values of steps; sequences whose first are equal stay together.
  /// - Throws: If they have different numbers of steps, or the inputs are no numbers.
  init(
    _ inputs: [Dataset], keys: Dataset, targets: TargetReader?, groups: Dataset?, _ notes: HierarchyNotes
  ) throws {
    self.inputs = inputs
    self.keys = keys
    self.targets = targets
    self.groups = groups
    count = try inputs[0].shape.first ?? 0
    for dataset in inputs {
      guard dataset.datatype.isNumeric, try (1...2).contains(dataset.shape.count) else {
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): has type \(dataset.datatype) and the shape"
            + " \(try dataset.shape); with --sequence-field, inputs are numbers of steps, or of steps and features"
        )
      }
    }
    for dataset in inputs + [keys] + [targets?.dataset, groups].compactMap(\.self)
    where try dataset.shape.first != count {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): has the shape \(try dataset.shape), but \(inputs[0].path) has"
          + " \(count) steps")
    }
    packings = try inputs.map { try notes.packedValues(of: $0) }
  }

  /// Calls `body` with each run of steps.
  func forEachSequence(_ body: (SourceSequence) throws -> Void) throws {
    var start = 0
    var key: [String]?
    for first in stride(from: 0, to: count, by: Self.blockCount) {
      let own = try values(of: keys, first..<min(first + Self.blockCount, count))
      for (index, value) in own.enumerated() where value != key {
        if let key { try body(try sequence(start..<first + index, key)) }
        (start, key) = (first + index, value)
      }
    }
    if let key { try body(try sequence(start..<count, key)) }
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

  private func sequence(_ steps: Range<Int>, _ key: [String]) throws -> SourceSequence {
    let columns = try zip(inputs, packings).map { dataset, packed in
      let rest = Array(try dataset.shape.dropFirst())
      var values = try dataset.read(
        as: Double.self, offset: [steps.lowerBound] + rest.map { _ in 0 }, count: [steps.count] + rest)
      packed?.unpack(&values)
      return (values: values, width: rest.reduce(1, *))
    }
    let (values, width) = try HierarchySource.sideBySide(columns, file: inputs[0].file)
    let name = key.joined(separator: "/")
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
