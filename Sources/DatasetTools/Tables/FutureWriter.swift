import HDF5
import WeftBase

/// Numbers in single precision, or in double precision where that would round them too much.
final class NumberWriter {
  private enum Storage {
    case single(ArrayWriter<Float>)
    case double(ArrayWriter<Double>)
  }

  private let array: Storage

  /// - Parameter names: Names of the columns; empty if they have none.
  init(
    _ writer: DatasetWriter, _ path: String, rowShape: [Int], labels: [String], names: [String],
    isPrecise: Bool
  ) {
    let texts = names.isEmpty ? [:] : ["feature_names": names]
    array =
      isPrecise
      ? .double(writer.array(path, of: Double.self, rowShape: rowShape, labels: labels, texts: texts))
      : .single(writer.array(path, of: Float.self, rowShape: rowShape, labels: labels, texts: texts))
  }

  /// Appends complete rows.
  ///
  /// - Throws: If they cannot be written, for example on a full disk.
  func append(_ values: some Collection<Double>) throws {
    switch array {
    case .single(let array): try array.append(contentsOf: values.lazy.map { Float($0) })
    case .double(let array): try array.append(contentsOf: values)
    }
  }
}

/// Writes the covariates and times of steps after the end of series to the group `future` of a split.
final class FutureWriter {
  private let covariates: NumberWriter
  private let (inputCount, covariateCount): (Int, Int)
  private var times: ArrayWriter<Double>?
  private var offsets: ArrayWriter<Int64>?
  private var steps = 0
  /// Number of series whose end is written, and their steps.
  private var (ended, before) = (0, 0)

  init(_ writer: DatasetWriter, name: String, _ form: SeriesSplit.Form) {
    (inputCount, covariateCount) = (form.inputs.count, form.covariates.count)
    covariates = NumberWriter(
      writer, "\(name)/future/covariates", rowShape: [form.covariates.count], labels: ["step", "feature"],
      names: form.covariates, isPrecise: form.arePrecise)
    if let scale = form.times {
      times = writer.array(
        "\(name)/future/time", of: Double.self, labels: ["step"], attributes: scale.attributes)
    }
    if case .ragged = form.shape {
      offsets = writer.array("\(name)/future/offsets", of: Int64.self, labels: ["sequence boundary"])
    }
  }

  func append(_ step: SeriesStep) throws {
    try covariates.append(step.inputs.dropFirst(inputCount).prefix(covariateCount))
    if let time = step.time { try times?.append(time) }
    steps += 1
  }

  /// Ends a series, and those before it that have no such steps.
  func end(sequence: Int) throws {
    if ended == 0 { try offsets?.append(0) }
    while ended < sequence {
      try offsets?.append(Int64(before))
      ended += 1
    }
    try offsets?.append(Int64(steps))
    (before, ended) = (steps, sequence + 1)
  }

  /// Ends all series.
  func finish(sequences: Int) throws {
    if ended < sequences { try end(sequence: sequences - 1) }
  }
}
