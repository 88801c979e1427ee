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
