import HDF5
import WeftBase
import WeftData

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

/// Copies numbers in a type that holds them.
final class NumberCopier<Element: HDF5Element>: RowCopier {
  private let array: ArrayWriter<Element>
  /// Zero bytes represent zero in every numeric type.
  private let zero = [UInt8](repeating: 0, count: 8).withUnsafeBytes { $0.loadUnaligned(as: Element.self) }

  init(_ array: ArrayWriter<Element>) { self.array = array }

  var count: Int { array.count }

  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws {
    try NumberLimit(kind: Element.elementKind).check(source, offset: offset, count: count)
    var values = try source.read(as: Element.self, offset: offset, count: count)
    if let valueCount, values.count < valueCount {
      values += repeatElement(zero, count: valueCount - values.count)
    }
    try array.append(values)
  }
}

/// Copies numbers as what they mean by the conventions of NetCDF, with NaN for missing ones.
final class UnpackingCopier<Element: HDF5Element & BinaryFloatingPoint>: RowCopier {
  private let array: ArrayWriter<Element>
  private var latest: (file: String, path: String, packed: PackedValues?)?

  init(_ array: ArrayWriter<Element>) { self.array = array }

  var count: Int { array.count }

  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws {
    let (file, path) = (source.file, source.path)
    if latest?.file != file || latest?.path != path {
      latest = (file, path, try PackedValues(of: source, in: file))
    }
    var values = try source.read(as: Double.self, offset: offset, count: count)
    latest?.packed?.unpack(&values)
    try NumberLimit(kind: Element.elementKind).check(values, of: source)
    var elements = values.map { Element($0) }
    if let valueCount, elements.count < valueCount {
      elements += repeatElement(0, count: valueCount - elements.count)
    }
    try array.append(elements)
  }
}

/// Copies values of enumerations as the numbers of their names among classes.
final class ClassCopier: RowCopier {
  private let array: ArrayWriter<Int32>
  private let numbers: [String: Int32]

  init(_ array: ArrayWriter<Int32>, classes: [String]) {
    self.array = array
    numbers = Dictionary(
      classes.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
  }

  var count: Int { array.count }

  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws {
    var classes: [Int64: Int32] = [:]
    for member in source.datatype.namedValues ?? [] { classes[member.value] = numbers[member.name] }
    var values = try source.read(as: Int64.self, offset: offset, count: count).map { value in
      guard let number = classes[value] else {
        throw WeftError.data(
          "\(source.file): dataset \(source.path): contains \(value), which is no value of its type")
      }
      return number
    }
    if let valueCount, values.count < valueCount {
      values += repeatElement(0, count: valueCount - values.count)
    }
    try array.append(values)
  }
}

/// Copies texts of one dimension.
final class TextCopier: RowCopier {
  private let writer: TextWriter

  init(_ writer: TextWriter) { self.writer = writer }

  var count: Int { writer.count }

  func append(_ source: Dataset, offset: [Int], count: [Int], paddedTo valueCount: Int?) throws {
    try writer.append(try source.read(as: String.self, offset: offset, count: count))
  }
}

extension DatasetWriter {
  /// Starts a copy of a dataset.
  ///
  /// - Parameters:
  ///   - path: Path of the copy.
  ///   - source: Dataset that provides type and attributes.
  ///   - rowShape: Extents of all dimensions except the first.
  ///   - form: How its values, and those of others that follow them, are written.
  ///   - labels: Dimension labels; nil for those of the source.
  /// - Throws: If the source has texts with several dimensions.
  func copier(
    _ path: String, like source: Dataset, rowShape: [Int], form: MemberForm, labels: [String]? = nil
  ) throws -> any RowCopier {
    let labels = try labels ?? source.dimensionLabels ?? []
    switch form {
    case .texts:
      guard source.datatype.isString, rowShape.isEmpty else {
        throw WeftError.data(
          "\(source.file): dataset \(source.path): has type \(source.datatype) and \(rowShape.count + 1) dimensions, which"
            + " is not copied")
      }
      return TextCopier(
        try TextWriter(self, path) { try $0.attributes.copy(from: source.attributes) })
    case .numbers(let kind):
      return numberCopier(kind.type, path, like: source, rowShape: rowShape, labels: labels)
    case .unpacked(let kind):
      guard let type = kind.type as? any (HDF5Element & BinaryFloatingPoint).Type else {
        preconditionFailure("\(kind) has no NaN")
      }
      return unpackingCopier(type, path, like: source, rowShape: rowShape, labels: labels)
    case .classes(let classes):
      let array = array(path, of: Int32.self, rowShape: rowShape, labels: labels)
      array.describe { try $0.attributes.copy(from: source.attributes, except: Dataset.scaleAttributes) }
      return ClassCopier(array, classes: classes)
    case .flags(let kind, let members):
      return numberCopier(
        kind.type, path, like: source, rowShape: rowShape, labels: labels, flags: members)
    }
  }

  private func unpackingCopier<Element: HDF5Element & BinaryFloatingPoint>(
    _ type: Element.Type, _ path: String, like source: Dataset, rowShape: [Int], labels: [String]
  ) -> any RowCopier {
    let array = self.array(path, of: type, rowShape: rowShape, labels: labels)
    let excluded = Dataset.scaleAttributes.union(PackedValues.attributeNames)
    array.describe { try $0.attributes.copy(from: source.attributes, except: excluded) }
    return UnpackingCopier(array)
  }

  private func numberCopier<Element: HDF5Element>(
    _ type: Element.Type, _ path: String, like source: Dataset, rowShape: [Int], labels: [String],
    flags: [Datatype.EnumerationMember] = []
  ) -> any RowCopier {
    let array = self.array(path, of: type, rowShape: rowShape, labels: labels)
    array.describe { dataset in
      try dataset.attributes.copy(from: source.attributes, except: Dataset.scaleAttributes)
      // A mark of missing values that the file only implies.
      if let fill = try PackedValues.impliedFill(of: source) {
        try dataset.attributes.set("_FillValue", to: fill)
      }
      if !flags.isEmpty {
        // CF conventions 1.11, section 3.5.
        try dataset.attributes.set("flag_values", to: flags.map(\.value), shape: [flags.count])
        let meanings = flags.map { $0.name.replacing(" ", with: "_") }.joined(separator: " ")
        try dataset.attributes.set("flag_meanings", to: meanings)
      }
    }
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
