import HDF5
import WeftBase

/// What stored numbers mean by the conventions of NetCDF (NetCDF Users Guide, appendix A; CF conventions 1.11, sections
/// 2.5.1 and 8.1): integers without a sign, marks of missing values, valid numbers, a factor and an offset; or of NWB
/// (Neurodata Without Borders 2.9, TimeSeries): `conversion` and `offset`.
package struct PackedValues: Sendable, Equatable {
  /// Names of the attributes that say what numbers mean.
  package static let attributeNames: Set<String> = [
    "_FillValue", "missing_value", "scale_factor", "add_offset", "valid_range", "valid_min", "valid_max",
    "_Unsigned", "conversion", "offset",
  ]

  /// Whether attributes are those of the data of a time series of NWB, which each has a unit and a factor to it.
  static func areOfNWB(_ attributes: Attributes) throws -> Bool {
    try attributes.contains("conversion") && attributes.contains("unit")
      && (try? attributes.value("conversion", as: Double.self)) != nil
      && (try? attributes.value("unit", as: String.self)) != nil
  }

  /// The numbers that attributes say are missing.
  static func missingNumbers(_ attributes: Attributes) throws -> [Double] {
    var numbers: [Double] = []
    for name in ["_FillValue", "missing_value"] where try attributes.contains(name) {
      numbers += (try? attributes.values(name, as: Double.self)) ?? []
    }
    return numbers
  }

  /// How the bits of a stored integer are read.
  private enum Reading: Equatable {
    case asStored
    /// Without the sign that its type has; the number of values of the type.
    case unsigned(Double)
    /// With a sign that its type lacks.
    case signed(Double)

    func callAsFunction(_ stored: Double) -> Double {
      switch self {
      case .asStored: stored
      case .unsigned(let count): stored < 0 ? stored + count : stored
      case .signed(let count): stored >= count / 2 ? stored - count : stored
      }
    }
  }

  private let reading: Reading
  /// Stored numbers that stand for missing values; none is NaN, which always does.
  private let missing: [Double]
  private let factor: Double
  private let offset: Double
  /// Numbers outside of it are missing; nil for all.
  private let valid: ClosedRange<Double>?
  /// Whether valid numbers are those after scaling.
  private let isValidScaled: Bool

  /// The conventions that the attributes of a dataset ask for; nil if they ask for none.
  ///
  /// - Throws: If an attribute is not what the conventions say.
  package init?(of dataset: Dataset) throws {
    let attributes = Conventions(dataset)
    reading = try attributes.reading()
    let reading = reading
    // A wider type than that of the values would never equal or bound them.
    func stored(_ value: Double) -> Double {
      if case .float(let bits, _, _) = dataset.datatype, bits <= 32 { return Double(Float(value)) }
      return reading(value)
    }
    let marks = try attributes.numbers("_FillValue") + attributes.numbers("missing_value")
    missing = try (marks + [Self.impliedFill(of: dataset)].compactMap(\.self))
      .filter { !$0.isNaN }.map(stored).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    let isNWB = try Self.areOfNWB(dataset.attributes)
    factor = try attributes.number("scale_factor") ?? (isNWB ? attributes.number("conversion") : nil) ?? 1
    offset = try attributes.number("add_offset") ?? (isNWB ? attributes.number("offset") : nil) ?? 0
    (valid, isValidScaled) = try attributes.valid(stored)
    if reading == .asStored, missing.isEmpty, factor == 1, offset == 0, valid == nil { return nil }
  }

  /// Whether numbers are scaled, rather than only marked as missing.
  package var isScaled: Bool { factor != 1 || offset != 0 }

  /// Replaces stored numbers by what they mean; missing values by NaN.
  func unpack<Value: BinaryFloatingPoint>(
    _ values: inout [Value], steps: Range<Int>, columns: StepColumns
  ) {
    let missing = missing.map { Value($0) }
    let valid = valid.map { Value($0.lowerBound)...Value($0.upperBound) }
    for step in steps {
      let start = columns.place(of: step)
      for place in start..<start + columns.width {
        if reading != .asStored { values[place] = Value(reading(Double(values[place]))) }
        let isValid = isValidScaled || (valid?.contains(values[place]) ?? true)
        if !isValid || missing.contains(values[place]) {
          values[place] = .nan
        } else if isScaled {
          values[place] = Value(Double(values[place]) * factor + offset)
          if isValidScaled, let valid, !valid.contains(values[place]) { values[place] = .nan }
        }
      }
    }
  }

  /// Replaces all of some stored numbers by what they mean; missing values by NaN.
  package func unpack<Value: BinaryFloatingPoint>(_ values: inout [Value]) {
    unpack(&values, steps: 0..<1, columns: StepColumns(width: values.count))
  }

  /// For example `missing values -32767, times 0.01, plus 273.15`.
  package var summary: String {
    var parts: [String] = []
    switch reading {
    case .asStored: break
    case .unsigned: parts.append("unsigned")
    case .signed: parts.append("signed")
    }
    if !missing.isEmpty {
      parts.append("missing values " + missing.map { "\(Float($0))" }.joined(separator: ", "))
    }
    if let valid {
      parts.append(
        valid.upperBound == .infinity
          ? "valid from \(Float(valid.lowerBound))"
          : valid.lowerBound == -.infinity
            ? "valid up to \(Float(valid.upperBound))"
            : "valid from \(Float(valid.lowerBound)) to \(Float(valid.upperBound))")
    }
    if factor != 1 { parts.append("times \(factor)") }
    if offset != 0 { parts.append("plus \(offset)") }
    return parts.joined(separator: ", ")
  }

  /// Reads the attributes of a dataset.
  private struct Conventions {
    let dataset: Dataset

    init(_ dataset: Dataset) { self.dataset = dataset }

    private func failure(_ name: String, _ message: String) -> WeftError {
      .data("\(dataset.file): dataset \(dataset.path): attribute '\(name)' \(message)")
    }

    func numbers(_ name: String) throws -> [Double] {
      guard try dataset.attributes.contains(name) else { return [] }
      do { return try dataset.attributes.values(name, as: Double.self) } catch {
        throw failure(name, "is not a number; delete or rename it if it is not the one of NetCDF or NWB")
      }
    }

    func number(_ name: String, isFinite: Bool = true) throws -> Double? {
      let values = try numbers(name)
      guard values.count <= 1, values.allSatisfy({ $0.isFinite || !isFinite && !$0.isNaN }) else {
        throw failure(name, "is not one finite number")
      }
      return values.first
    }

    /// How integers are read, by `_Unsigned`.
    func reading() throws -> Reading {
      let name = "_Unsigned"
      guard try dataset.attributes.contains(name),
        case .integer(let bits, let isSigned, _) = dataset.datatype
      else { return .asStored }
      let texts = try? dataset.attributes.values(name, as: String.self)
      let isUnsigned: Bool
      switch texts?.first?.lowercased() {
      case "true": isUnsigned = true
      case "false": isUnsigned = false
      default: throw failure(name, "is neither 'true' nor 'false'")
      }
      if isUnsigned == !isSigned { return .asStored }
      let count = Double(sign: .plus, exponent: bits, significand: 1)
      return isUnsigned ? .unsigned(count) : .signed(count)
    }

    /// The valid numbers, and whether they are those after scaling: they are where their type is that of the factor and
    /// not that of the values.
    func valid(_ stored: (Double) -> Double) throws -> (ClosedRange<Double>?, isScaled: Bool) {
      let range = try numbers("valid_range")
      guard range.isEmpty || range.count == 2, !range.contains(where: \.isNaN) else {
        throw failure("valid_range", "is not two numbers, the least and the greatest")
      }
      let least = try range.first ?? number("valid_min", isFinite: false)
      let greatest = try range.last ?? number("valid_max", isFinite: false)
      if least == nil, greatest == nil { return (nil, false) }
      var isScaled = false
      if case .integer = dataset.datatype {
        let isPacked =
          try dataset.attributes.contains("scale_factor") || dataset.attributes.contains("add_offset")
        isScaled =
          try isPacked
          && dataset.attributes.all.contains { attribute in
            guard attribute.name.hasPrefix("valid_"), case .float = attribute.datatype else { return false }
            return true
          }
      }
      let bounds = (least ?? -.infinity, greatest ?? .infinity)
      let (low, high) = isScaled ? bounds : (stored(bounds.0), stored(bounds.1))
      guard low <= high else {
        throw failure(
          range.isEmpty ? "valid_min" : "valid_range", "begins above its end, so that no number is valid")
      }
      return (low...high, isScaled)
    }
  }
}
