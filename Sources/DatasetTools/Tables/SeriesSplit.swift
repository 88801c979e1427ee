import HDF5
import WeftBase

/// Writes the numeric series of one split, step by step.
final class SeriesSplit {
  /// Layout of steps.
  enum Shape {
    case stream
    case windows(Int)
    case ragged(hasTargetPerSequence: Bool)
  }

  private let shape: Shape
  private let inputs: ArrayWriter<Float>
  private var covariates: ArrayWriter<Float>?
  /// Number of input columns, which those of covariates follow.
  private let inputCount: Int
  private var values: ArrayWriter<Float>?
  private var classes: ArrayWriter<Int32>?
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
  private var sequenceTarget: [Float] = []
  /// Number of written steps, windows or sequences.
  private(set) var count = 0
  /// Number of steps of each of several series; empty if there is one.
  private(set) var lengths: [Int] = []
  /// Number of steps of an incomplete window.
  private(set) var leftOver = 0

  init(
    _ writer: DatasetWriter, name: String, inputs: [String], covariates: [String], targets: [String],
    hasClasses: Bool,
    hasTime: Bool,
    shape: Shape
  ) throws {
    self.shape = shape
    self.name = name
    var (leading, labels, targetLeading, targetLabels) = ([Int](), ["time"], [Int](), ["time"])
    switch shape {
    case .stream: break
    case .windows(let steps):
      (leading, labels) = ([steps], ["sequence", "time"])
      (targetLeading, targetLabels) = (leading, labels)
    case .ragged(let hasTargetPerSequence):
      (labels, targetLabels) = (["step"], [hasTargetPerSequence ? "sequence" : "step"])
      offsets = writer.array("\(name)/offsets", of: Int64.self, labels: ["sequence boundary"])
      try offsets?.append(0)
      names = try TextWriter(
        writer, "\(name)/names", label: "sequence", description: "The name of each sequence.")
    }
    inputCount = inputs.count
    if !covariates.isEmpty {
      self.covariates = writer.array(
        "\(name)/covariates", of: Float.self, rowShape: leading + [covariates.count],
        labels: labels + ["feature"], texts: ["feature_names": covariates])
    }
    self.inputs = writer.array(
      "\(name)/inputs", of: Float.self, rowShape: leading + [inputs.count], labels: labels + ["feature"],
      texts: ["feature_names": inputs])
    if hasClasses {
      classes = writer.array("\(name)/targets", of: Int32.self, rowShape: targetLeading, labels: targetLabels)
    } else if !targets.isEmpty {
      values = writer.array(
        "\(name)/targets", of: Float.self, rowShape: targetLeading + [targets.count],
        labels: targetLabels + ["feature"], texts: ["feature_names": targets])
    }
    if hasTime {
      times = writer.array(
        "\(name)/time", of: Double.self, rowShape: leading, labels: labels,
        attributes: ["units": "seconds since 1970-01-01 00:00:00 UTC, or as in the source"])
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
      try write([step], targets: step.targets)
      count += 1
    case .windows(let length):
      window.append(step)
      if window.count == length {
        try write(window, targets: window.flatMap(\.targets))
        window.removeAll(keepingCapacity: true)
        count += 1
      }
    case .ragged(let hasTargetPerSequence):
      if beginsSequence {
        try endSequence()
        sequenceName = sequence ?? ""
      }
      if hasTargetPerSequence {
        guard beginsSequence || step.targets == sequenceTarget else {
          throw WeftError.data(
            "group \(count + 1) of \(name): its rows have different targets; remove --target-per group")
        }
        sequenceTarget = step.targets
      }
      try write([step], targets: hasTargetPerSequence ? [] : step.targets)
    }
    steps += 1
  }

  /// Ends the last sequence.
  func finish() throws {
    leftOver = window.count
    try endSequence()
  }

  private func endSequence() throws {
    guard case .ragged(let hasTargetPerSequence) = shape, steps > 0, Int64(steps) != lastOffset else {
      return
    }
    lengths.append(steps - Int(lastOffset))
    lastOffset = Int64(steps)
    try offsets?.append(lastOffset)
    try names?.append(sequenceName)
    if hasTargetPerSequence { try write([], targets: sequenceTarget) }
    count += 1
  }

  private var lastOffset: Int64 = 0

  private func write(_ steps: [SeriesStep], targets: [Float]) throws {
    if !steps.isEmpty {
      try inputs.append(steps.flatMap { $0.inputs.prefix(inputCount) })
      try covariates?.append(steps.flatMap { $0.inputs.dropFirst(inputCount) })
    }
    if let times, !steps.isEmpty { try times.append(steps.compactMap(\.time)) }
    if !targets.isEmpty {
      try values?.append(targets)
      try classes?.append(targets.map { Int32($0) })
    }
  }
}
