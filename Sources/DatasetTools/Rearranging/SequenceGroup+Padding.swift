import HDF5
import WeftBase
import WeftData

extension SequenceGroup {
  /// The length of each sequence, without the steps at its end that are missing altogether (NaN, or by the conventions of
  /// NetCDF), which are padding where nothing else tells lengths.
  ///
  /// - Throws: If a sequence has no values.
  func unpaddedLengths() throws -> [Int] {
    let all = (0..<count).map(length)
    let packed = try PackedValues(of: input.dataset, in: file.path)
    var mayMiss = packed != nil
    if case .float = input.dataset.datatype { mayMiss = true }
    guard layout == .dense, lengths == nil, mayMiss else { return all }
    let rest = Array(try input.dataset.shape.dropFirst())
    let width = rest.dropFirst().reduce(1, *)
    return try all.enumerated().map { item, length in
      var values = try input.dataset.read(
        as: Double.self, offset: [item] + rest.map { _ in 0 }, count: [1] + rest)
      packed?.unpack(&values)
      guard let last = values.lastIndex(where: { !$0.isNaN }) else {
        if length == 0 { return 0 }
        throw WeftError.data(
          "\(file.path): dataset \(input.dataset.path): row \(item) has no values (all are missing); remove it"
        )
      }
      return last / width + 1
    }
  }
}
