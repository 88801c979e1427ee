import HDF5

/// How features were computed from sounds or images: the attributes of a dataset's group `/features`, which checkpoints
/// keep as they are, so that a model's user can treat new files alike.
package struct FeatureAttributes: Sendable, Equatable {
  private enum Value: Sendable, Equatable {
    case text(String)
    case integers([Int64])
    case numbers([Double])
  }

  private let values: [String: Value]
  /// Attributes of a single value without dimensions.
  private let singles: Set<String>
  private static let path = "features"

  /// Reads what a file holds; nil if it does not say.
  ///
  /// - Throws: If an attribute is neither text nor numbers.
  init?(in file: File) throws {
    guard try file.contains(Self.path) else { return nil }
    let attributes = try file.group(Self.path).attributes
    var values: [String: Value] = [:]
    var singles: Set<String> = []
    for attribute in try attributes.all {
      let name = attribute.name
      switch attribute.datatype {
      case .string, .fixedString: values[name] = .text(try attributes.value(name, as: String.self))
      case .float: values[name] = .numbers(try attributes.values(name))
      case .integer, .enumeration: values[name] = .integers(try attributes.values(name))
      default:
        throw WeftError.failure("group /\(Self.path): attribute '\(name)' is \(attribute.datatype)")
      }
      if attribute.dataspace.shape.isEmpty { singles.insert(name) }
    }
    self.values = values
    self.singles = singles
  }

  /// Writes the same attributes.
  func write(to file: File) throws {
    let attributes = try file.createGroup(Self.path).attributes
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      let shape = singles.contains(name) ? [] : nil as [Int]?
      switch value {
      case .text(let text): try attributes.set(name, toFixedLength: text)
      case .integers(let integers): try attributes.set(name, to: integers, shape: shape)
      case .numbers(let numbers): try attributes.set(name, to: numbers, shape: shape)
      }
    }
  }
}
