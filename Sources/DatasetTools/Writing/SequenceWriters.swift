import HDF5

/// Writes one array of a *stream*: the steps of a split's single long sequence.
public final class StreamWriter<Element: HDF5Element> {
  /// The steps.
  public let values: ArrayWriter<Element>

  /// - Parameters:
  ///   - split: Name of the split.
  ///   - name: Name of the dataset: `tokens`, `inputs`, `targets`.
  ///   - width: Features per step; nil if a step is a single value, without a feature dimension.
  public init(
    _ writer: DatasetWriter, split: String, name: String, width: Int? = nil,
    attributes: [String: String] = [:]
  ) {
    values = writer.array(
      "\(split)/\(name)", of: Element.self, rowShape: width.map { [$0] } ?? [],
      labels: width == nil ? ["time"] : ["time", "feature"], attributes: attributes)
  }

  /// Appends steps, row-major `[steps, width]`.
  public func append(_ steps: [Element]) throws { try values.append(steps) }
}

/// Writes one array of *dense* sequences of equal length: `[sequences, time(, features)]`.
public final class DenseWriter<Element: HDF5Element> {
  /// The sequences.
  public let values: ArrayWriter<Element>

  /// - Parameters:
  ///   - steps: Time steps per sequence.
  ///   - width: Features per step; nil if a step is a single value, without a feature dimension.
  public init(
    _ writer: DatasetWriter, split: String, name: String, steps: Int, width: Int? = nil,
    attributes: [String: String] = [:]
  ) {
    values = writer.array(
      "\(split)/\(name)", of: Element.self, rowShape: [steps] + (width.map { [$0] } ?? []),
      labels: ["sequence", "time"] + (width == nil ? [] : ["feature"]), attributes: attributes)
  }

  /// Appends sequences, row-major `[sequences, steps, width]`.
  public func append(_ sequences: [Element]) throws { try values.append(sequences) }
}

/// Writes one array of *ragged* sequences: the concatenated steps, and the offsets at which sequences start.
public final class RaggedWriter<Element: HDF5Element> {
  /// The steps of all sequences.
  public let values: ArrayWriter<Element>
  private let offsets: ArrayWriter<Int64>?

  /// - Parameters:
  ///   - name: The dataset of steps.
  ///   - offsets: The dataset of offsets [sequences + 1]; nil if another array of the same lengths has them.
  ///   - width: Features per step; nil if a step is a single value, without a feature dimension.
  /// - Throws: If they cannot be written.
  public init(
    _ writer: DatasetWriter, split: String, name: String, offsets: String? = "offsets", width: Int? = nil,
    attributes: [String: String] = [:]
  ) throws {
    values = writer.array(
      "\(split)/\(name)", of: Element.self, rowShape: width.map { [$0] } ?? [],
      labels: width == nil ? ["step"] : ["step", "feature"], attributes: attributes)
    self.offsets = offsets.map {
      writer.array("\(split)/\($0)", of: Int64.self, labels: ["sequence boundary"])
    }
    try self.offsets?.append(0)
  }

  /// Appends a sequence, row-major `[steps, width]`.
  public func append(_ sequence: [Element]) throws {
    try values.append(sequence)
    try offsets?.append(Int64(values.count))
  }
}
