import Foundation
import HDF5
import WeftBase

/// Writes a dataset's file: under a temporary name until it is finished, so that the path holds either a whole file
/// or what it held before.
///
/// Arrays grow by rows and go to the file chunk by chunk: memory is bounded by a chunk of each array, whatever the
/// size of the file.
public final class DatasetWriter {
  /// The finished file's path.
  public let path: String
  /// How arrays are laid out unless they say otherwise.
  public let storage: StorageOptions
  /// The file under its temporary name, for attributes and small datasets.
  public let file: File
  private let temporary: String
  private var scales: [(scale: String, dataset: String, dimension: Int)] = []
  private var finishers: [() throws -> Void] = []
  private var isFinished = false

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: The finished file's path.
  ///   - overwrites: Whether a file that is there already is replaced, or is an error.
  /// - Throws: If the file exists, or its folder cannot be written.
  public init(_ path: String, storage: StorageOptions = StorageOptions(), overwrites: Bool = false) throws {
    guard overwrites || access(path, F_OK) != 0 else {
      throw WeftError.failure("\(path): file exists; name another output, or add --overwrite")
    }
    self.path = path
    self.storage = storage
    temporary = "\(path).partial"
    unlink(temporary)
    file = try File(creating: temporary)
    try file.attributes.set("weft_format", to: "dataset")
    try file.attributes.set("weft_format_version", to: Int32(1))
    try file.attributes.set("weft_version", to: weftVersion)
  }

  deinit {
    guard !isFinished else { return }
    try? file.close()
    unlink(temporary)
  }

  /// Begins an array that grows by rows, or by single values if rows have no shape.
  ///
  /// - Parameters:
  ///   - name: Its path in the file.
  ///   - rowShape: The extents of all dimensions but the first.
  ///   - labels: What each dimension is, such as `time`, `feature`; empty for nothing.
  ///   - attributes: Texts that describe it, such as its units.
  ///   - texts: Lists of texts that describe it, such as the names of features.
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

  /// Has something done before the file is closed, such as writing what was held back.
  func whenFinishing(_ action: @escaping () throws -> Void) { finishers.append(action) }

  /// Makes a dataset the scale of a dimension of another, such as the points in time of its steps, when both are whole.
  public func attach(scale: String, to dataset: String, dimension: Int) {
    scales.append((scale, dataset, dimension))
  }

  /// Writes what is left and gives the file its name.
  ///
  /// - Throws: If the disk is full or the file cannot be renamed; nothing is left behind then.
  public func finish() throws {
    for finisher in finishers { try finisher() }
    finishers = []
    for (scale, dataset, dimension) in scales {
      try file.dataset(dataset).attach(scale: file.dataset(scale), dimension: dimension)
    }
    try file.close()
    try DurableFile.replace(path, with: temporary)
    isFinished = true
  }
}
