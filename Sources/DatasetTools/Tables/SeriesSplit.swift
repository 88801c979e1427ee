import HDF5
import WeftBase

/// Writes the numeric series of one split, step by step.
final class SeriesSplit {
  /// Layout of steps.
  enum Shape {
    case stream
    /// Of so many steps, perhaps with one target each, that of the last step.
    case windows(Int, hasTargetPerSequence: Bool)
    case ragged(hasTargetPerSequence: Bool)
  }

  /// How a split is written.
  struct Form {
    let inputs: [String]
    let covariates: [String]
    /// Features of a whole sequence.
    var statics: [String] = []
    let targets: [String]
    let hasClasses: Bool
    /// What times are; nil without any.
    let times: TimeScale?
    let shape: Shape
    /// Whether single precision would round numbers too much.
    let arePrecise: Bool
    /// Whether steps are told to be anomalies or not.
    var hasLabels = false
  }

  private let form: Form
  private var shape: Shape { form.shape }
  private let writer: DatasetWriter
  private let inputs: NumberWriter
  private var covariates: NumberWriter?
  /// The rows after the series, of which only the covariates are known; nil before the first.
  private var future: FutureWriter?
  /// Number of input columns, which those of covariates follow.
  private let inputCount: Int
  private var values: NumberWriter?
  private var statics: NumberWriter?
  private var sequenceStatics: [Double] = []
  private var classes: ArrayWriter<Int32>?
  private var labels: ArrayWriter<Int32>?
  private var times: ArrayWriter<Double>?
  private var offsets: ArrayWriter<Int64>?
  private var names: TextWriter?
  /// The name of the current sequence.
  private var sequenceName = ""
  private let name: String
  private var window: [SeriesStep] = []
  /// Number of appended steps.
  private(set) var steps = 0
  /// The target of the current sequence.
  private var sequenceTarget: [Double] = []
  /// Number of written steps, windows or sequences.
  private(set) var count = 0
  /// Number of steps of each of several series; empty if there is one.
  private(set) var lengths: [Int] = []
  /// Number of steps of an incomplete window.
  private(set) var leftOver = 0

  init(_ writer: DatasetWriter, name: String, _ form: Form) throws {
    self.writer = writer
    self.form = form
    self.name = name
    var (leading, labels, targetLeading, targetLabels) = ([Int](), ["time"], [Int](), ["time"])
    switch form.shape {
    case .stream: break
    case .windows(let steps, let hasTargetPerSequence):
      (leading, labels) = ([steps], ["sequence", "time"])
      (targetLeading, targetLabels) = hasTargetPerSequence ? ([], ["sequence"]) : (leading, labels)
    case .ragged(let hasTargetPerSequence):
      (labels, targetLabels) = (["step"], [hasTargetPerSequence ? "sequence" : "step"])
      offsets = writer.array("\(name)/offsets", of: Int64.self, labels: ["sequence boundary"])
      try offsets?.append(0)
      names = try TextWriter(
        writer, "\(name)/names", label: "sequence", description: "The name of each sequence.")
    }
    inputCount = form.inputs.count
    func numbers(_ dataset: String, _ names: [String], _ leading: [Int], _ labels: [String]) -> NumberWriter {
      NumberWriter(
        writer, "\(name)/\(dataset)", rowShape: leading + [names.count], labels: labels + ["feature"],
        names: names, isPrecise: form.arePrecise)
    }
    if !form.covariates.isEmpty { covariates = numbers("covariates", form.covariates, leading, labels) }
    inputs = numbers("inputs", form.inputs, leading, labels)
    if !form.statics.isEmpty { statics = numbers("static", form.statics, [], ["sequence"]) }
    if form.hasClasses {
      classes = writer.array("\(name)/targets", of: Int32.self, rowShape: targetLeading, labels: targetLabels)
    } else if !form.targets.isEmpty {
      values = numbers("targets", form.targets, targetLeading, targetLabels)
    }
    if form.hasLabels {
      self.labels = writer.array("\(name)/labels", of: Int32.self, rowShape: leading, labels: labels)
    }
    if let scale = form.times {
      times = writer.array(
        "\(name)/time", of: Double.self, rowShape: leading, labels: labels, attributes: scale.attributes)
      // A scale has one dimension.
      if leading.isEmpty {
        writer.attach(scale: "\(name)/time", to: "\(name)/inputs", dimension: 0)
      }
    }
  }

  /// Appends a step.
  ///
  /// - Parameter sequence: The name of its sequence.
  /// - Throws: If the steps of a sequence have different targets, although it should have a single one.
  func append(_ step: SeriesStep, beginsSequence: Bool, name sequence: String? = nil) throws {
    switch shape {
    case .stream:
      try write(step)
      try write(targets: step.targets)
      count += 1
    case .windows(let length, let hasTargetPerSequence):
      window.append(step)
      if window.count == length {
        try write(window)
        try write(targets: hasTargetPerSequence ? step.targets : window.flatMap(\.targets))
        window.removeAll(keepingCapacity: true)
        count += 1
      }
    case .ragged(let hasTargetPerSequence):
      if beginsSequence {
        try endSequence()
        sequenceName = sequence ?? ""
        sequenceStatics = Array(step.inputs.suffix(form.statics.count))
      }
      if hasTargetPerSequence {
        // NaN is a target that is missing in all rows.
        guard beginsSequence || step.targets.map(\.bitPattern) == sequenceTarget.map(\.bitPattern) else {
          throw WeftError.data(
            "group '\(sequenceName)' of \(name): its rows have different targets; remove --target-per group")
        }
        sequenceTarget = step.targets
      }
      try write(step)
      if !hasTargetPerSequence { try write(targets: step.targets) }
    }
    steps += 1
  }

  /// Appends a whole sequence of one input.
  ///
  /// - Parameters:
  ///   - targets: The target of the sequence; empty for none.
  ///   - times: The time of each step; empty for none.
  func append(sequence name: String, _ values: some Collection<Double>, targets: [Double], times: [Double])
    throws
  {
    try endSequence()
    (sequenceName, sequenceTarget) = (name, targets)
    try inputs.append(values)
    try self.times?.append(times)
    steps += values.count
  }

  /// Appends a step after the end of the current sequence, of which only the covariates are known.
  func append(future step: SeriesStep) throws {
    if future == nil { future = FutureWriter(writer, name: name, form) }
    try future?.append(step)
  }

  /// Ends the last sequence.
  func finish() throws {
    leftOver = window.count
    try endSequence()
    try future?.finish(sequences: lengths.count)
  }

  private func endSequence() throws {
    guard case .ragged(let hasTargetPerSequence) = shape, steps > 0, Int64(steps) != lastOffset else {
      return
    }
    lengths.append(steps - Int(lastOffset))
    lastOffset = Int64(steps)
    try offsets?.append(lastOffset)
    try names?.append(sequenceName)
    try statics?.append(sequenceStatics)
    if hasTargetPerSequence { try write(targets: sequenceTarget) }
    try future?.end(sequence: lengths.count - 1)
    count += 1
  }

  private var lastOffset: Int64 = 0

  private func write(_ step: SeriesStep) throws {
    try inputs.append(step.inputs.prefix(inputCount))
    try covariates?.append(step.inputs.dropFirst(inputCount).prefix(form.covariates.count))
    try labels?.append(step.isAnomaly == true ? 1 : 0)
    if let time = step.time { try times?.append(time) }
  }

  private func write(_ window: [SeriesStep]) throws {
    try inputs.append(window.flatMap { $0.inputs.prefix(inputCount) })
    try covariates?.append(window.flatMap { $0.inputs.dropFirst(inputCount).prefix(form.covariates.count) })
    try labels?.append(window.map { $0.isAnomaly == true ? 1 : 0 })
    try times?.append(window.compactMap(\.time))
  }

  private func write(targets: [Double]) throws {
    if targets.isEmpty { return }
    try values?.append(targets)
    try classes?.append(targets.map { $0.isNaN ? -1 : Int32($0) })
  }
}
