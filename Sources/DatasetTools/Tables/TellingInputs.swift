import WeftBase

/// Inputs that tell the target of their own row, as a copy does, the parts of a total, or a name of which each belongs to one
/// class: a model learns nothing else from them.
struct TellingInputs {
  /// An input, or two, whose sum was the target in all rows so far that have numbers of each.
  private struct Sum {
    let parts: [Int]
    let target: Int
    /// Rows with numbers of each.
    var rows = 0
    /// The first target, and whether another differs from it.
    private var first = 0.0
    private(set) var differs = false

    init(parts: [Int], target: Int) {
      self.parts = parts
      self.target = target
    }

    /// Includes a row; false if the target is no sum of the parts there.
    mutating func add(_ values: [Double?], _ target: Double?) -> Bool {
      var (sum, size) = (0.0, 0.0)
      for part in parts {
        guard let value = values[part] else { return true }
        (sum, size) = (sum + value, size + abs(value))
      }
      guard let target else { return true }
      if rows == 0 { first = target }
      rows += 1
      differs = differs || target != first
      return parts.count == 1 ? sum == target : abs(sum - target) <= 1e-9 * (size + abs(target))
    }
  }

  /// An input whose values each had one value of the target so far.
  private struct Mapping {
    let input: Int
    var values: [String: String] = [:]
    var rows = 0

    /// Includes a row; false if it differs from another with the same value, or values are too many for names.
    mutating func add(_ value: String, _ target: String) -> Bool {
      rows += 1
      if let known = values[value] { return known == target }
      values[value] = target
      return values.count <= mostValues
    }
  }

  /// An input whose value in the next row was the target in all rows so far that have both.
  private struct Lead {
    let input: Int
    let target: Int
    var rows = 0
    /// The first target, and whether another differs from it.
    private var first = 0.0
    private(set) var differs = false

    init(input: Int, target: Int) {
      self.input = input
      self.target = target
    }

    /// Includes a row; false if its input is not the target of the row before.
    mutating func add(_ value: Double?, _ before: Double) -> Bool {
      guard let value else { return true }
      if rows == 0 { first = before }
      rows += 1
      differs = differs || before != first
      return value == before
    }
  }

  private let inputs: [TableColumn]
  private let targets: [TableColumn]
  private var sums: [Sum]
  private var leads: [Lead]
  /// The group of the last row, and its targets.
  private var last: (group: String?, targets: [Double?])?
  private var mappings: [Mapping] = []

  /// Values of an input up to which they may be names, and rows of each that tell more than chance.
  private static let (mostValues, rowsPerValue) = (256, 10)
  /// Rows from which on inputs are told, and inputs up to which pairs are added.
  private static let (telling, mostAdded) = (20, 64)

  /// - Parameter mayMap: Whether names and next rows are compared as well: not where a target is that of a whole group.
  init(inputs: [TableColumn], targets: [TableColumn], mayMap: Bool) {
    (self.inputs, self.targets) = (inputs, targets)
    sums = targets.indices.flatMap { target in
      inputs.indices.filter { inputs[$0].index != targets[target].index }.map {
        Sum(parts: [$0], target: target)
      }
    }
    leads =
      mayMap
      ? targets.indices.flatMap { target in inputs.indices.map { Lead(input: $0, target: target) } } : []
    guard targets.count == 1 else { return }
    let others = inputs.indices.filter { inputs[$0].index != targets[0].index }
    if mayMap { mappings = others.map { Mapping(input: $0) } }
    guard others.count <= Self.mostAdded else { return }
    for (place, one) in others.enumerated() {
      sums += others.dropFirst(place + 1).map { Sum(parts: [one, $0], target: 0) }
    }
  }

  /// Examines a row.
  ///
  /// - Parameter group: The series that it belongs to; nil if the table is one series.
  mutating func add(_ fields: TableRow, _ format: TableFormat, group: String?) {
    let wanted = sums.isEmpty && leads.isEmpty ? [] : targets.map { format.plainNumber(fields, $0.index) }
    if let last, last.group == group {
      for index in leads.indices.reversed() {
        guard let before = last.targets[leads[index].target] else { continue }
        let column = inputs[leads[index].input].index
        let value = format.plainNumber(fields, column)
        let isText = value == nil && !format.isMissing(fields[column])
        if isText || !leads[index].add(value, before) { leads.remove(at: index) }
      }
    }
    if !leads.isEmpty { last = (group, wanted) }
    // Rows without a target tell nothing, and those of sparse ones are many.
    if !sums.isEmpty, wanted.contains(where: { $0 != nil }) {
      // A few rows leave few of many columns, whose numbers alone are then read.
      var values = [Double?](repeating: nil, count: inputs.count)
      for index in Set(sums.flatMap(\.parts)) {
        values[index] = format.plainNumber(fields, inputs[index].index)
      }
      for index in sums.indices.reversed() where !sums[index].add(values, wanted[sums[index].target]) {
        sums.remove(at: index)
      }
    }
    guard !mappings.isEmpty else { return }
    let target = fields[targets[0].index]
    if format.isMissing(target) { return }
    for index in mappings.indices.reversed() {
      let value = fields[inputs[mappings[index].input].index]
      if !format.isMissing(value), !mappings[index].add(value, target) { mappings.remove(at: index) }
    }
  }

  /// Notes on inputs that tell a target in all rows.
  var notes: [String] {
    let found = sums.filter { $0.rows >= Self.telling && $0.differs }
    // Zeros add nothing to a copy.
    let copies = found.filter { $0.parts.count == 1 }
    let shown = Array((copies.isEmpty ? found : copies).prefix(Self.mostNotes))
    let named = Set(shown.flatMap(\.parts))
    let names = mappings.filter {
      !named.contains($0.input) && Set($0.values.values).count > 1 && $0.rows >= Self.telling
        && $0.rows >= Self.rowsPerValue * $0.values.count
    }
    return shown.map { sum in
      let parts = sum.parts.map { "'\(inputs[$0].name)'" }
      let what =
        parts.count == 1
        ? "a copy of the input \(parts[0])" : "the sum of the inputs \(parts[0]) and \(parts[1])"
      return "the target '\(targets[sum.target].name)' is \(what) \(Self.advice)"
    }
      + leads.filter { $0.rows >= Self.telling && $0.differs }.prefix(Self.mostNotes).map {
        let (input, target) = (inputs[$0.input].name, targets[$0.target].name)
        return
          "the target '\(target)' is the next value of the input '\(input)' in all rows; to forecast it from the values before, use"
          + " --horizon 1 --configuration FILE.yaml instead of --targets, and leave '\(target)' out of --inputs"
      }
      + names.prefix(Self.mostNotes).map {
        "the target '\(targets[0].name)' has one value for each of the \(NumberText.counted($0.values.count, "values")) of the input"
          + " '\(inputs[$0.input].name)' \(Self.advice)"
      }
  }

  private static let mostNotes = 3
  private static let advice = "in all rows; leave out of --inputs what is not known when it is predicted"
}
