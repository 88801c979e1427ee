import HDF5
import WeftBase

/// Writes sequences to splits, ragged; one sequence alone as a stream.
struct HierarchyWriter {
  private let writer: DatasetWriter
  private let plan: SplitPlan
  private let classes: [String: Int32]?
  private let notes: HierarchyNotes
  private var first: SourceSequence?
  private var splits: [SplitWriter?]
  private var count = 0
  /// Hashes of what splits are drawn for: groups, or contents of sequences.
  private var drawn: Set<UInt64> = []
  private var hasGroups = false

  init(_ writer: DatasetWriter, plan: SplitPlan, classes: [String]?, notes: HierarchyNotes) {
    self.writer = writer
    self.plan = plan
    self.notes = notes
    self.classes = classes.map { names in
      Dictionary(
        zip(names, names.indices.map { Int32($0) }), uniquingKeysWith: { first, _ in first })
    }
    splits = plan.names.map { _ in nil }
  }

  /// - Throws: If it does not fit to the others.
  mutating func append(_ sequence: SourceSequence) throws {
    count += 1
    guard sequence.steps > 0 else { throw WeftError.data("sequence \(count - 1) has no steps") }
    // Whether it is alone is known with the second.
    guard let first else {
      self.first = sequence
      return
    }
    if count == 2 { try write(first) }
    try write(sequence)
  }

  private mutating func write(_ sequence: SourceSequence) throws {
    let split = split(of: sequence)
    let own =
      try splits[split]
      ?? SplitWriter(writer, plan.names[split], like: sequence, isStream: false, classes, notes)
    splits[split] = own
    try own.append(sequence, steps: 0..<sequence.steps)
  }

  /// The split that is listed for a sequence, or drawn for its group or its contents.
  private mutating func split(of sequence: SourceSequence) -> Int {
    if let listed = sequence.split.flatMap({ plan.names.firstIndex(of: $0) }) { return listed }
    let hash =
      sequence.group.map { ContentHash($0.utf8).value }
      ?? sequence.values.withUnsafeBytes { ContentHash($0).value }
    drawn.insert(hash)
    hasGroups = hasGroups || sequence.group != nil
    return plan.split(hash: hash)
  }

  /// - Throws: If there are no sequences, or a split is empty.
  mutating func finish() throws -> ConversionSummary {
    guard let first else { throw WeftError.data("there are no sequences") }
    // A stream has a target at each step.
    let isAlone = first.split != nil || first.hasOneTarget
    if count == 1, isAlone { try write(first) }
    if count > 1 || isAlone {
      var summary = try ConversionSummary(
        names: plan.names, counts: splits.map { $0?.count ?? 0 }, unit: "sequences",
        drawn: DrawnSplits(plan, hashes: drawn, unit: hasGroups ? "groups" : "sequences"))
      summary.form = form(splits.compactMap { $0 })
      return summary
    }
    // A stream is cut into consecutive parts.
    var (start, bound, counts) = (0, 0.0, [Int]())
    for (index, fraction) in plan.fractions.enumerated() {
      bound += fraction
      let end =
        index == plan.fractions.count - 1
        ? first.steps : Int((bound * Double(first.steps)).rounded())
      let split = try SplitWriter(writer, plan.names[index], like: first, isStream: true, classes, notes)
      try split.append(first, steps: start..<end)
      counts.append(end - start)
      start = end
    }
    var summary = try ConversionSummary(names: plan.names, counts: counts, unit: "steps")
    summary.form = "of " + NumberText.counted(first.width, "features")
    return summary
  }

  /// How the sequences were read, which tells axes that were meant otherwise.
  private func form(_ splits: [SplitWriter]) -> String? {
    guard let first = splits.first, let shortest = splits.map(\.lengths.lowerBound).min(),
      let longest = splits.map(\.lengths.upperBound).max()
    else { return nil }
    let steps =
      shortest == longest ? NumberText.counted(shortest, "steps") : "\(shortest) to \(longest) steps"
    return "of \(steps) of \(NumberText.counted(first.width, "features"))"
      + (first.targets.map { "; targets: \($0)" } ?? "")
  }
}

/// Writes the sequences of one split.
private final class SplitWriter {
  let width: Int
  private let classes: [String: Int32]?
  private let append: ([Double]) throws -> Void
  private let offsets: ArrayWriter<Int64>?
  private var times: ArrayWriter<Double>?
  private let featureNames: [String]
  private var integers: ArrayWriter<Int32>?
  private var numbers: ArrayWriter<Float>?
  private let targetWidth: Int
  private let isPerStep: Bool
  private let names: TextWriter?
  private let notes: HierarchyNotes
  /// Whether the targets so far can be of sequences, and of steps.
  private var (mayBePerSequence, mayBePerStep) = (true, true)
  private var total = 0
  private(set) var count = 0
  /// The least and the greatest number of steps of a sequence.
  private(set) var lengths = Int.max...Int.max

  /// What the targets are, in words; nil without.
  var targets: String? {
    guard targetWidth > 0 else { return nil }
    let kind =
      classes.map { "one of \(NumberText.counted($0.count, "classes"))" }
      ?? (integers != nil ? "an integer" : NumberText.counted(targetWidth, "numbers"))
    return "\(kind) for each \(isPerStep ? "step" : "sequence")"
  }

  init(
    _ writer: DatasetWriter, _ name: String, like sequence: SourceSequence, isStream: Bool,
    _ classes: [String: Int32]?, _ notes: HierarchyNotes
  ) throws {
    self.notes = notes
    width = sequence.width
    self.classes = classes
    let path = "\(name)/inputs"
    featureNames = sequence.featureNames
    let texts = featureNames.isEmpty ? [:] : ["feature_names": featureNames]
    if sequence.isPrecise {
      let array = writer.array(
        path, of: Double.self, rowShape: [sequence.width], labels: ["step", "feature"], texts: texts)
      append = { try array.append($0) }
    } else {
      let array = writer.array(
        path, of: Float.self, rowShape: [sequence.width], labels: ["step", "feature"], texts: texts)
      append = { try array.append($0.map { Float($0) }) }
    }
    if !sequence.times.isEmpty {
      times = writer.array(
        "\(name)/time", of: Double.self, labels: ["step"], attributes: sequence.scale.attributes)
      writer.attach(scale: "\(name)/time", to: path, dimension: 0)
    }
    offsets =
      isStream
      ? nil : writer.array("\(name)/offsets", of: Int64.self, labels: ["sequence boundary"])
    try offsets?.append(0)
    names =
      isStream || sequence.name == nil
      ? nil
      : try TextWriter(writer, "\(name)/names", label: "sequence", description: "The name of each sequence.")
    switch sequence.target {
    case nil: (targetWidth, isPerStep) = (0, false)
    case .text: (targetWidth, isPerStep) = (1, false)
    case .texts(let texts): (targetWidth, isPerStep) = (1, texts.count == sequence.steps)
    case .numbers(let values, let width, _):
      (targetWidth, isPerStep) = (
        width, values.count / max(width, 1) == sequence.steps && sequence.steps > 1
      )
    }
    if sequence.target == nil { return }
    var areClasses = classes != nil
    if case .numbers(_, 1, true) = sequence.target { areClasses = true }
    if areClasses {
      integers = writer.array(
        "\(name)/targets", of: Int32.self, labels: [isPerStep ? "step" : "sequence"])
    } else {
      numbers = writer.array(
        "\(name)/targets", of: Float.self, rowShape: [targetWidth],
        labels: [isPerStep ? "step" : "sequence", "feature"])
    }
  }

  /// - Throws: If it does not fit to those before it, or cannot be written.
  func append(_ sequence: SourceSequence, steps: Range<Int>) throws {
    func failure(_ message: String) -> WeftError {
      let name = sequence.name.map { "sequence '\($0)': " } ?? ""
      return .data("\(sequence.file): \(name)\(message)")
    }
    func number(of text: String) throws -> Double {
      guard let number = classes?[text] else {
        throw failure(
          "the target '\(text.prefix(40))' is a text, but other sequences have numbers or none; all need one of the same"
            + " kind")
      }
      return Double(number)
    }
    guard sequence.width == width else {
      throw failure(
        "has \(sequence.width) features, but others have \(width); --axes FT is for features before steps"
      )
    }
    try append(Array(sequence.values[steps.lowerBound * width..<steps.upperBound * width]))
    guard sequence.featureNames == featureNames, sequence.times.isEmpty == (times == nil) else {
      throw WeftError.data(
        "sequence \(sequence.name ?? "\(count)") has the columns"
          + " \(sequence.featureNames.prefix(6).joined(separator: ", "))\(sequence.times.isEmpty ? "" : " and times"), but"
          + " others have \(featureNames.prefix(6).joined(separator: ", "))\(times == nil ? "" : " and times")"
      )
    }
    if !sequence.times.isEmpty { try times?.append(Array(sequence.times[steps])) }
    total += steps.count
    lengths =
      min(lengths.lowerBound, steps.count)...(count == 0 ? steps.count : max(lengths.upperBound, steps.count))
    try offsets?.append(Int64(total))
    try names?.append(sequence.name ?? "\(count)")
    count += 1
    guard let target = sequence.target else { return }
    var values: [Double]
    switch target {
    case .text(let text): values = [try number(of: text)]
    case .texts(let texts): values = try texts.map(number)
    case .numbers(let numbers, let own, _):
      if classes != nil { throw failure("the target is a number, but others are texts") }
      guard own == targetWidth else {
        throw failure("the target has \(own) values, but others have \(targetWidth)")
      }
      values = numbers
    }
    let rows = values.count / max(targetWidth, 1)
    mayBePerSequence = mayBePerSequence && rows == 1
    mayBePerStep = mayBePerStep && rows == sequence.steps
    guard mayBePerSequence || mayBePerStep else {
      throw WeftError.data(
        "sequence \(sequence.name ?? "\(count - 1)") of \(sequence.steps) steps has \(rows) targets; all need one, or all"
          + " one for each step")
    }
    if isPerStep, rows == sequence.steps {
      values = Array(values[steps.lowerBound * targetWidth..<steps.upperBound * targetWidth])
    }
    if let integers {
      try integers.append(
        values.map { value in
          if value.isNaN {
            notes.missingTargetCount += 1
            return -1
          }
          guard let number = Int32(exactly: value) else {
            throw failure("the class \(value) is not a whole number")
          }
          return number
        })
    }
    try numbers?.append(
      values.map { value in
        guard value.isFinite == Float(value).isFinite else {
          throw failure("the target \(value) is beyond single precision")
        }
        return Float(value)
      })
  }
}
