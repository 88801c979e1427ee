import Foundation
import HDF5
import Weft

/// Writes NumPy arrays to datasets, whatever their types, order and packing.
public struct ArrayDataset {
  /// The files: `.npy`, `.npz`.
  public var files: [String]
  /// The name that an array gets, by the name that it has: a member's, or a file's without its extension.
  public var names: [String: String] = [:]
  /// The group that arrays go to whose name holds no group.
  public var split = "train"

  /// The arrays of `files`.
  public init(files: [String]) { self.files = files }

  /// Writes each array to a dataset of its name, an array `train/inputs` to the group `train`.
  ///
  /// - Throws: If a file is no array of numbers, or damaged, or two have one name.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    var summary = ConversionSummary(unit: "")
    var unused = Set(names.keys)
    var written: Set<String> = []
    func add(_ file: RandomAccessFile, name: String) throws {
      unused.remove(name)
      var path = names[name] ?? name
      if !path.contains("/") { path = "\(split)/\(path)" }
      guard written.insert(path).inserted else {
        throw WeftError.failure("\(file.path): a second array is to be called \(path); rename one")
      }
      let rows = try ArrayRows(file)
      guard rows.header.count > 0 else { throw WeftError.failure("\(file.path): is empty") }
      try write(rows, to: path, writer, progress)
      summary.notes.append("\(path) \(rows.header.element) \(rows.header.shape)")
    }
    for path in files {
      if path.lowercased().hasSuffix(".npz") {
        let archive = try ZipArchive(path)
        for member in archive.members where member.name.hasSuffix(".npy") {
          try add(archive.open(member, beside: writer.path), name: String(member.name.dropLast(4)))
        }
      } else {
        let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        try add(RandomAccessFile(path), name: name)
      }
    }
    if let name = unused.sorted().first {
      throw WeftError.usage("there is no array '\(name)' in \(files.joined(separator: ", "))")
    }
    guard !written.isEmpty else { throw WeftError.failure("\(files[0]): holds no arrays") }
    try writer.file.attributes.set("source", to: files.joined(separator: ", "))
    summary.unit = "\(written.count) \(written.count == 1 ? "array" : "arrays")"
    return summary
  }

  private func write(
    _ rows: ArrayRows, to path: String, _ writer: DatasetWriter, _ progress: ProgressReporter
  ) throws {
    func copy<Element: HDF5Element>(_ type: Element.Type) throws {
      progress.begin("writing \(path)", total: rows.header.shape.first ?? 1, unit: "rows")
      if rows.header.shape.isEmpty {
        try rows.forEachBlock(of: type) { _ = try writer.file.write(path, $0, shape: []) }
        return
      }
      let labels = ArrayDataset.labels(rank: rows.header.shape.count)
      let array = writer.array(path, of: type, rowShape: rows.rowShape, labels: labels)
      try rows.forEachBlock(of: type) { block in
        let before = array.count
        try array.append(block)
        progress.advance(by: array.count - before)
      }
    }
    switch rows.header.element {
    case .bool: try copy(Bool.self)
    case .int8: try copy(Int8.self)
    case .int16: try copy(Int16.self)
    case .int32: try copy(Int32.self)
    case .int64: try copy(Int64.self)
    case .uint8: try copy(UInt8.self)
    case .uint16: try copy(UInt16.self)
    case .uint32: try copy(UInt32.self)
    case .uint64: try copy(UInt64.self)
    case .float16: try copy(Float16.self)
    case .float32: try copy(Float.self)
    case .float64: try copy(Double.self)
    }
  }

  /// An array of three dimensions is dense sequences; of others the meaning is not known.
  private static func labels(rank: Int) -> [String] { rank == 3 ? ["sequence", "time", "feature"] : [] }
}
