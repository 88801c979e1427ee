import HDF5
import WeftBase
import WeftData

/// Whether targets of steps are inputs of the same steps, or of the next ones, by the first rows of a split.
struct TargetLikeness {
  /// Whether all targets are inputs of the same names: what follows is to be forecast from them and the others.
  private(set) var areInputs = false
  /// Whether the only target is what an input is at the next step.
  private(set) var areNextInputs = false

  /// Rows that are compared, and those that tell more than chance.
  private static let (mostRows, tellingRows) = (1000, 20)

  /// - Parameters:
  ///   - targets: The names of the targets; empty without.
  ///   - features: The inputs as the file names them; empty if it does not.
  init(_ group: SequenceGroup, _ targets: [String], _ features: [NamedFeature]) throws {
    guard let own = group.members.first(where: { $0.name == "targets" }),
      let other = group.members.first(where: { $0.name == "inputs" }), own.rows == other.rows,
      group.layout != .dense, own.dataset.datatype.isNumeric, other.dataset.datatype.isNumeric
    else { return }
    let (wanted, known) = (try own.dataset.shape, try other.dataset.shape)
    guard known.count == 2, wanted.count <= 2, wanted.first == known[0] else { return }
    let (rows, width, inputs) = (min(known[0], Self.mostRows), wanted.dropFirst().first ?? 1, known[1])
    guard rows > 0 else { return }
    let values = try own.dataset.read(
      as: Double.self, offset: wanted.map { _ in 0 }, count: [rows] + wanted.dropFirst())
    let read = try other.dataset.read(as: Double.self, offset: [0, 0], count: [rows, inputs])
    let columns = targets.compactMap { name in features.firstIndex { $0.name == name } }
    areInputs =
      columns.count == width && targets.count == width && features.count == inputs
      && (0..<rows).allSatisfy { row in
        columns.enumerated().allSatisfy { target, column in
          let value = values[row * width + target]
          return value.isNaN || value == read[row * inputs + column]
        }
      }
    guard width == 1 else { return }
    let ends = Set(group.offsets["offsets"] ?? [])
    // A class below zero, or NaN, is missing.
    let isClass = own.dataset.datatype.isInteger
    let compared = (0..<rows - 1).filter {
      !ends.contains($0 + 1) && !values[$0].isNaN && !(isClass && values[$0] < 0)
    }
    guard compared.count >= Self.tellingRows, Set(compared.map { values[$0] }).count > 1 else { return }
    areNextInputs = (0..<inputs).contains { column in
      compared.allSatisfy { values[$0] == read[($0 + 1) * inputs + column] }
    }
  }
}
