import HDF5
import WeftBase

/// What MATLAB says of an array, by the attributes that its files of version 7.3 have.
package struct MATLABArray: Sendable {
  /// The class, such as `double`, `char` or `cell`.
  package let className: String
  fileprivate static let classAttribute = "MATLAB_class"
  /// Whether the array is empty: its dataset has its size in place of values.
  private let isEmpty: Bool
  /// Whether the dataset is a number of an object that is stored elsewhere.
  private let isObject: Bool

  private static let numericClasses: Set<String> = [
    "double", "single", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "logical",
  ]

  /// The array of a dataset; nil if MATLAB did not write it.
  package init?(_ dataset: Dataset) throws {
    let attributes = dataset.attributes
    guard try dataset.isMATLABArray,
      let name = try? attributes.value(Self.classAttribute, as: String.self)
    else { return nil }
    className = name
    isEmpty = try attributes.contains("MATLAB_empty")
    isObject =
      try attributes.contains("MATLAB_object_decode")
      || !Self.numericClasses.union(["char", "cell", "struct"]).contains(name)
  }

  /// Whether it is text.
  package var isText: Bool { className == "char" && !isEmpty }

  /// Why the numbers of its dataset are not those of the array; nil if they are.
  package var obstacle: String? {
    if let objectObstacle { return objectObstacle }
    if isEmpty { return "is empty in MATLAB" }
    switch className {
    case "char": return "is text of MATLAB; weft data hdf5 makes classes of it"
    case "cell": return "is a cell array of MATLAB; weft data hdf5 makes a sequence of each of its cells"
    default: return nil
    }
  }

  /// Why the numbers of its dataset are not its values: it is an object, which is stored elsewhere; nil for arrays.
  package var objectObstacle: String? {
    guard isObject else { return nil }
    let remedy =
      switch className {
      case "categorical": "cellstr(x), or double(x) for numbers"
      case "string": "cellstr(x)"
      case "table", "timetable": "table2array(x), or each of its columns"
      case "datetime": "posixtime(x)"
      case "duration", "calendarDuration": "seconds(x)"
      case "containers.Map": "cell2mat(values(x)), and keys(x)"
      default: "its numbers in an array"
      }
    return "is of MATLAB's class \(className), which only MATLAB reads; save \(remedy)"
  }

  /// A shape as MATLAB shows it, whose first dimension is the last in the file.
  package static func text(_ shape: [Int]) -> String {
    shape.reversed().map { "\($0)" }.joined(separator: " x ")
  }
}

extension Dataset {
  /// Whether MATLAB wrote it.
  package var isMATLABArray: Bool {
    get throws(HDF5Error) { try attributes.contains(MATLABArray.classAttribute) }
  }

  /// The program that wrote the dataset, if it is one that keeps dimensions in reverse and marks its files: MATLAB, Octave, or R
  /// with rhdf5.
  package var reversingProgram: String? {
    get throws(HDF5Error) {
      if try isMATLABArray { return "MATLAB" }
      if try attributes.contains("rhdf5-NA.OK") { return "R" }
      return (try? parent.attributes.contains("OCTAVE_NEW_FORMAT")) == true ? "Octave" : nil
    }
  }

  /// Whether a matrix of one row or column is a vector: MATLAB has no others.
  package var isMATLABVector: Bool {
    get throws {
      let shape = try shape
      return try shape.count == 2 && shape.contains(1) && reversingProgram != nil
    }
  }

  /// The shape, of one dimension for a vector of MATLAB.
  package var stepShape: [Int] {
    get throws {
      let shape = try shape
      return try isMATLABVector ? [shape.reduce(1, *)] : shape
    }
  }
}
