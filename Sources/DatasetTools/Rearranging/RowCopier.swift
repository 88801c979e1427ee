import HDF5
import WeftBase

/// Appends blocks of datasets of any type to a growing one.
protocol RowCopier: AnyObject {
  /// Written rows.
  var count: Int { get }

  /// Appends a block, padded with zeros to a number of values that fills whole rows.
  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws
}

extension RowCopier {
  /// Bytes per read.
  private static var blockByteCount: Int { 8 << 20 }

  /// Appends rows of a dataset, block by block.
  func append(_ source: Dataset, rows: Range<Int>) throws {
    let rowShape = Array(try source.shape.dropFirst())
    let rowBytes = max(rowShape.reduce(try source.storedElementByteCount, *), 1)
    let perBlock = max(Self.blockByteCount / rowBytes, 1)
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: perBlock) {
      try append(
        source, offset: [first] + rowShape.map { _ in 0 },
        count: [min(perBlock, rows.upperBound - first)] + rowShape, paddedTo: nil)
    }
  }
}

/// Copies numeric values.
final class NumberCopier<Element: HDF5Element>: RowCopier {
  private let array: ArrayWriter<Element>
  /// Zero bytes represent zero in every numeric type.
  private let zero = [UInt8](repeating: 0, count: 8).withUnsafeBytes { $0.loadUnaligned(as: Element.self) }

  init(_ array: ArrayWriter<Element>) { self.array = array }

  var count: Int { array.count }

  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws {
    var values = try source.read(as: Element.self, offset: offset, count: count)
    if let valueCount, values.count < valueCount {
      values += repeatElement(zero, count: valueCount - values.count)
    }
    try array.append(values)
  }
}

/// Copies texts of one dimension.
final class TextCopier: RowCopier {
  private let dataset: Dataset
  private(set) var count = 0

  init(_ dataset: Dataset) { self.dataset = dataset }

  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws {
    let texts = try source.read(as: String.self, offset: offset, count: count)
    try dataset.extend(to: [self.count + texts.count])
    try dataset.write(texts, offset: [self.count], count: [texts.count])
    self.count += texts.count
  }
}

extension DatasetWriter {
  /// Starts a copy of a dataset.
  ///
  /// - Parameters:
  ///   - path: Path of the copy.
  ///   - source: Dataset that provides type and attributes.
  ///   - rowShape: Extents of all dimensions except the first.
  ///   - kind: Another numeric type.
  ///   - labels: Dimension labels; nil for those of the source.
  /// - Throws: If the source contains neither numbers nor texts.
  func copier(
    _ path: String, like source: Dataset, rowShape: [Int], kind: ElementKind? = nil, labels: [String]? = nil
  ) throws -> any RowCopier {
    let labels = try labels ?? source.dimensionLabels ?? []
    if source.datatype.isString, rowShape.isEmpty {
      let dataset = try file.createDataset(
        path, of: String.self, shape: [0], maximumShape: [nil], chunk: [4096])
      try dataset.attributes.copy(from: source.attributes)
      return TextCopier(dataset)
    }
    guard let kind = kind ?? source.datatype.elementKind else {
      throw WeftError.data("dataset \(source.path): has type \(source.datatype), which is not copied")
    }
    return numberCopier(kind.type, path, like: source, rowShape: rowShape, labels: labels)
  }

  private func numberCopier<Element: HDF5Element>(
    _ type: Element.Type, _ path: String, like source: Dataset, rowShape: [Int], labels: [String]
  ) -> any RowCopier {
    let array = self.array(path, of: type, rowShape: rowShape, labels: labels)
    array.describe { try $0.attributes.copy(from: source.attributes, except: Dataset.scaleAttributes) }
    return NumberCopier(array)
  }
}

extension Dataset {
  /// Attributes of dimension scales and labels, which are handled separately.
  static let scaleAttributes: Set<String> = [
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS", "_Netcdf4Dimid",
  ]
}

extension Datatype {
  /// The numeric type that represents all values of the type; nil if it is not numeric.
  var elementKind: ElementKind? {
    switch self {
    case .bool: .bool
    case .integer(let bits, let isSigned, _):
      ElementKind(
        rawValue: "\(isSigned ? "" : "u")int\(bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64)")
    case .float(16, 5, _): .float16
    case .float(let bits, _, _): bits <= 32 ? .float32 : .float64
    case .enumeration(let base, _): base.elementKind
    default: nil
    }
  }
}
