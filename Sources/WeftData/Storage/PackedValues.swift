import HDF5
import WeftBase

/// What stored numbers mean by the conventions of NetCDF (CF conventions 1.11, sections 2.5.1 and 8.1): marks of missing
/// values, a factor and an offset.
struct PackedValues: Sendable, Equatable {
  /// Stored numbers that stand for missing values.
  private let missing: [Double]
  private let factor: Double
  private let offset: Double

  /// The conventions that the attributes of a dataset ask for; nil if they ask for none.
  ///
  /// - Throws: If an attribute is not what the conventions say.
  init?(of dataset: Dataset) throws {
    func numbers(_ name: String) throws -> [Double] {
      guard try dataset.attributes.contains(name) else { return [] }
      do { return try dataset.attributes.values(name, as: Double.self) } catch {
        throw WeftError.data(
          "\(dataset.handlePath): attribute '\(name)' is not a number; delete or rename it if it is not the one of"
            + " NetCDF")
      }
    }
    func number(_ name: String, default standard: Double) throws -> Double {
      let values = try numbers(name)
      guard values.count <= 1, values.allSatisfy({ $0.isFinite }) else {
        throw WeftError.data(
          "\(dataset.handlePath): attribute '\(name)': expected one finite number")
      }
      return values.first ?? standard
    }
    missing = try numbers("_FillValue") + numbers("missing_value")
    factor = try number("scale_factor", default: 1)
    offset = try number("add_offset", default: 0)
    if missing.allSatisfy(\.isNaN), factor == 1, offset == 0 { return nil }
  }

  /// Replaces stored numbers by what they mean; missing values by NaN.
  func unpack<Value: BinaryFloatingPoint>(
    _ values: inout [Value], steps: Range<Int>, columns: StepColumns
  ) {
    let isScaled = factor != 1 || offset != 0
    let missing = missing.map { Value($0) }
    for step in steps {
      let start = columns.place(of: step)
      for place in start..<start + columns.width {
        if missing.contains(values[place]) {
          values[place] = .nan
        } else if isScaled {
          values[place] = Value(Double(values[place]) * factor + offset)
        }
      }
    }
  }

  /// For example `missing values -32767, times 0.01, plus 273.15`.
  var summary: String {
    var parts: [String] = []
    let marks = missing.filter { !$0.isNaN }
    if !marks.isEmpty {
      parts.append("missing values " + marks.map { "\(Float($0))" }.joined(separator: ", "))
    }
    if factor != 1 { parts.append("times \(factor)") }
    if offset != 0 { parts.append("plus \(offset)") }
    return parts.joined(separator: ", ")
  }
}

extension Dataset {
  /// File and path, for errors.
  fileprivate var handlePath: String { "dataset \(path)" }
}
