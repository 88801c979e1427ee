import HDF5

/// Writes one text per row to a growing dataset.
final class TextWriter {
  private let dataset: Dataset
  private var buffer: [String] = []
  private var written = 0
  /// Rows appended so far.
  var count: Int { written + buffer.count }
  /// Rows per chunk, which contains references to the texts.
  private static let chunkRows = 1024

  /// - Throws: If the dataset cannot be created.
  convenience init(_ writer: DatasetWriter, _ path: String, label: String, description: String) throws {
    try self.init(writer, path) { dataset in
      try dataset.setDimensionLabels([label])
      try dataset.attributes.set("description", to: description)
    }
  }

  /// - Parameter describe: Adds attributes to the dataset.
  /// - Throws: If the dataset cannot be created.
  init(_ writer: DatasetWriter, _ path: String, describe: (Dataset) throws -> Void) throws {
    dataset = try writer.file.createDataset(
      path, of: String.self, shape: [0], maximumShape: [nil], chunk: [Self.chunkRows])
    try describe(dataset)
    writer.whenFinishing(flush)
  }

  /// Appends a row.
  ///
  /// - Throws: If it cannot be written, for example on a full disk.
  func append(_ text: String) throws { try append([text]) }

  /// Appends rows.
  ///
  /// - Throws: As `append(_: String)`.
  func append(_ texts: [String]) throws {
    buffer += texts
    if buffer.count >= Self.chunkRows { try flush() }
  }

  private func flush() throws {
    guard !buffer.isEmpty else { return }
    try dataset.extend(to: [written + buffer.count])
    try dataset.write(buffer, offset: [written], count: [buffer.count])
    written += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}
