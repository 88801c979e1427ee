import HDF5
import Testing
import WeftTasks

/// Small valid datasets of each layout, for tests to read or to damage.
package enum SmallDataset: String, CaseIterable, CustomTestStringConvertible {
  /// 12 tokens out of four.
  case stream
  /// 4 sequences of 3 steps of 2 features, a class out of three for each step.
  case dense
  /// 3 sequences of 2, 1 and 3 steps of 2 features, a class out of three for each step.
  case ragged

  package var testDescription: String { rawValue }

  package func write(to file: File, split: String = "train") throws {
    switch self {
    case .stream:
      try file.put("vocabulary", ["a", "b", "c", "d"])
      try file.write("\(split)/tokens", (0..<12).map { UInt8($0 * $0 % 4) })
    case .dense:
      try file.put("classes", ["x", "y", "z"])
      try file.write("\(split)/inputs", (0..<24).map { Float($0) / 8 }, shape: [4, 3, 2])
      try file.write("\(split)/targets", (0..<12).map { Int32($0 % 3) }, shape: [4, 3])
    case .ragged:
      try file.put("classes", ["x", "y", "z"])
      try file.write("\(split)/inputs", (0..<12).map { Float($0) / 8 }, shape: [6, 2])
      try file.write("\(split)/offsets", [0, 2, 3, 6])
      try file.write("\(split)/targets", (0..<6).map { Int32($0 % 3) })
    }
  }

  /// Writes a file that `spoil` may change.
  package func create(_ path: String, spoil: (File) throws -> Void = { _ in }) throws {
    let file = try File(creating: path, overwrite: true)
    try write(to: file)
    try spoil(file)
    try file.close()
  }

  /// A configuration that trains on such a file.
  package func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.window = self == .stream ? 4 : nil
    configuration.model.hidden = 4
    configuration.training.batch = 2
    configuration.training.steps = 3
    return configuration
  }
}

extension File {
  /// Replaces a dataset by numbers.
  package func put<Element: HDF5Element>(_ name: String, _ values: [Element], shape: [Int]? = nil) throws {
    if try contains(name) { try delete(name) }
    try write(name, values, shape: shape)
  }

  /// Replaces a dataset by text.
  package func put(_ name: String, _ values: [String]) throws {
    if try contains(name) { try delete(name) }
    try write(name, values)
  }
}
