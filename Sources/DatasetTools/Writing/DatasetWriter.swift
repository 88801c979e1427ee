import Foundation
import HDF5
import WeftBase

/// Writes a dataset file atomically: it has its name when it is finished.
///
/// Arrays grow by rows and are written chunk by chunk: memory is bounded by one chunk per array, independent of the
/// file size.
public final class DatasetWriter {
  /// Path of the finished file.
  public let path: String
  /// Default storage layout of arrays.
  public let storage: StorageOptions
  /// The unfinished file, for attributes and small datasets.
  public let file: File
  private let output: OutputFile
  private let overwrites: Bool
  private var scales: [(scale: String, dataset: String, dimension: Int)] = []
  private var finishers: [() throws -> Void] = []
  private var isFinished = false

  /// Creates a file.
  ///
  /// - Parameters:
  ///   - path: Path of the finished file.
  ///   - overwrites: Whether to replace an existing file, which is otherwise an error.
  /// - Throws: If the file exists, or its folder is not writable.
  public init(_ path: String, storage: StorageOptions = StorageOptions(), overwrites: Bool = false) throws {
    if FolderListing.isFolder(path) {
      throw WeftError.file("\(path): is a folder; name a file")
    }
    guard overwrites || !OutputFile.exists(path) else {
      throw WeftError.data("\(path): file exists; name another output, or add --overwrite")
    }
    self.path = path
    self.storage = storage
    self.overwrites = overwrites
    output = try OutputFile(path)
    file = try File(creatingIn: output.descriptor, path: path)
    try file.attributes.set("weft_format", to: "dataset")
    try file.attributes.set("weft_format_version", to: Int32(1))
    try file.attributes.set("weft_version", to: weftVersion)
  }

  deinit {
    if !isFinished { try? file.close() }
  }

  /// Creates an array that grows by rows, or by single values if rows have no shape.
  ///
  /// - Parameters:
  ///   - name: Path in the file.
  ///   - rowShape: Extents of all dimensions except the first.
  ///   - labels: Dimension labels, such as `time`, `feature`; may be empty.
  ///   - attributes: Descriptive texts, such as units.
  ///   - texts: Descriptive lists of texts, such as feature names.
  public func array<Element: HDF5Element>(
    _ name: String, of type: Element.Type, rowShape: [Int] = [], labels: [String] = [],
    attributes: [String: String] = [:], texts: [String: [String]] = [:]
  ) -> ArrayWriter<Element> {
    let array = ArrayWriter<Element>(
      file: file, name: name, rowShape: rowShape, labels: labels, attributes: attributes, texts: texts,
      storage: storage)
    finishers.append { try array.finish() }
    return array
  }

  /// Registers an action to run before the file is closed, such as writing buffered data.
  func whenFinishing(_ action: @escaping () throws -> Void) { finishers.append(action) }

  /// Attaches a dataset as the scale of a dimension of another, such as the times of its steps, when both are complete.
  public func attach(scale: String, to dataset: String, dimension: Int) {
    scales.append((scale, dataset, dimension))
  }

  /// Writes the remainder and gives the file its name.
  ///
  /// - Throws: If the disk is full, or another program has written the file meanwhile; no partial file is left.
  public func finish() throws {
    for finisher in finishers { try finisher() }
    finishers = []
    for (scale, dataset, dimension) in scales {
      try file.dataset(dataset).attach(scale: file.dataset(scale), dimension: dimension)
    }
    try file.close()
    isFinished = true
    try output.publish(replacing: overwrites)
  }
}
