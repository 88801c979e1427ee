import Foundation
import HDF5
import WeftBase
import WeftData

/// The contents of an HDF5 file and its unreadable objects.
struct FileReport: Report {
  /// A named value attached to an object.
  struct NamedValue: Encodable {
    let name: String
    let type: String
    let shape: [Int]
    let value: String
  }

  /// An object of the file with a path.
  struct Object: Encodable {
    let path: String
    /// `group`, `dataset`, `datatype`, `link` or `other`.
    let kind: String
    /// Target of a link.
    var target: String?
    var attributes: [NamedValue] = []
    var dataset: Contents?
    /// Why the numbers of a dataset are not what they seem; nil for others.
    var note: String?
    /// Reason why the object cannot be read; nil if it can.
    var damage: String?
  }

  /// Structure of a dataset.
  struct Contents: Encodable {
    let type: String
    let shape: [Int]
    let dimensions: [String]?
    /// Nil if the dataset is not chunked.
    let chunkShape: [Int]?
    let chunks: Int?
    let filters: [String]
    /// Nil if there are too many to count.
    let valueBytes: Int?
    let storedBytes: Int
    let hasChecksums: Bool
  }

  let file: String
  let bytes: Int
  let attributes: [NamedValue]
  let objects: [Object]

  /// Walks the file at `path` and reads every dataset once, chunk by chunk.
  init(_ path: String) throws {
    let file = try File(source: path)
    self.file = path
    bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    attributes = try Self.values(file)
    var objects: [Object] = []
    try file.visit { objects.append(Self.object($0, in: file)) }
    self.objects = objects
  }

  /// One line per unreadable object.
  var damaged: [String] { objects.compactMap(\.damage) }

  private static func object(_ visit: Visit, in file: File) -> Object {
    let path = visit.child.path
    switch visit.child.link {
    case .soft(let target): return Object(path: path, kind: "link", target: target)
    case .external(let other, let target):
      return Object(path: path, kind: "link", target: "\(other):\(target)")
    case .userDefined: return Object(path: path, kind: "link")
    case .hard: break
    }
    var object = Object(path: path, kind: visit.child.kind?.rawValue ?? "other")
    if visit.isRepeated { return object }
    do {
      if visit.child.isGroup {
        object.attributes = try values(file.group(path))
      } else if visit.child.isDataset {
        let dataset = try file.dataset(path)
        object.attributes = try values(dataset)
        object.dataset = try Contents(dataset)
        object.note =
          try MATLABArray(dataset)?.objectObstacle ?? BitPatterns.obstacle(of: dataset)
          ?? (try? BitPatterns.note(of: dataset))
        try dataset.verify()
      }
    } catch {
      object.damage = "\(error)"
    }
    return object
  }

  private static func values(_ object: some Attributed) throws -> [NamedValue] {
    try object.attributes.all.map {
      NamedValue(name: $0.name, type: "\($0.datatype)", shape: $0.dataspace.shape, value: $0.text)
    }
  }
}

extension FileReport.Contents {
  fileprivate init(_ dataset: Dataset) throws {
    let space = try dataset.dataspace
    let elementBytes = try dataset.storedElementByteCount
    let product = space.elementCount?.multipliedReportingOverflow(by: elementBytes)
    self.init(
      type: "\(dataset.datatype)", shape: space.shape, dimensions: try dataset.dimensionLabels,
      chunkShape: dataset.chunkShape, chunks: try dataset.chunkShape.map { _ in try dataset.chunkCount },
      filters: dataset.filters.map { "\($0)" },
      valueBytes: product.flatMap { $0.overflow ? nil : $0.partialValue },
      storedBytes: dataset.storageByteCount, hasChecksums: dataset.filters.contains(.fletcher32))
  }
}
