import HDF5
import WeftBase

extension [Datatype.EnumerationMember] {
  /// The names of values.
  ///
  /// - Parameter failure: The error of a value that has none, from what is wrong with it.
  func names(of values: [Int64], failure: (String) -> WeftError) throws -> [String] {
    let names = Dictionary(map { ($0.value, $0.name) }, uniquingKeysWith: { first, _ in first })
    return try values.map { value in
      guard let name = names[value] else { throw failure("contains \(value), which is no value of its type") }
      return name
    }
  }
}

extension Attributes {
  /// The names of the values of an enumeration; nil for an attribute of another type.
  func members(of name: String) throws -> [Datatype.EnumerationMember]? {
    guard try contains(name), case .enumeration(_, let members) = try datatype(of: name) else {
      return nil
    }
    return members
  }

  /// The texts of an attribute, or what its enumerated values are called; nil if they are numbers.
  ///
  /// - Parameter failure: The error of a value without a name, from what is wrong with it.
  func texts(of name: String, failure: (String) -> WeftError) throws -> [String]? {
    guard let members = try members(of: name) else { return try? values(name, as: String.self) }
    return try members.names(of: values(name, as: Int64.self), failure: failure)
  }
}
