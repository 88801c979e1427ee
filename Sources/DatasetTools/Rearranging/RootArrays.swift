import HDF5
import WeftBase

/// The arrays at the root of a file without groups that belong to its sequences.
struct RootArrays {
  /// The inputs with everything that has a row for each sequence, or each step.
  let group: SequenceGroup
  /// Paths of the datasets of the group.
  let paths: [String]
  /// What is divided along with the inputs, and what cannot be, in words.
  let notes: [String]

  /// Datasets whose rows are no sequences, though there may be as many.
  private static let others: Set<String> = ["classes", "vocabulary", "target_vocabulary", "vocabulary_model"]

  /// - Parameters:
  ///   - names: Datasets with their names in the group, among them the inputs.
  ///   - assignment: What assigns sequences to splits; index arrays are not divided.
  /// - Throws: If a dataset is missing, or they do not match.
  init(of file: File, names: [String: String], _ assignment: SplitAssignment) throws {
    func trimmed(_ path: String) -> String { String(path.drop { $0 == "/" }) }
    let named = try SequenceGroup(rootOf: file, names: names)
    var left = Self.others.union(names.keys.map(trimmed)).union(names.values)
    if case .indices(let arrays) = assignment { left.formUnion(arrays.map { trimmed($0.dataset) }) }
    var (all, added, whole) = (names, [String](), [String]())
    let steps = named.offsets["offsets"]?.last
    for child in try file.children where child.isDataset && !left.contains(child.name) {
      let dataset = try file.dataset(child.name)
      let shape = try dataset.shape
      guard let rows = shape.first, rows == named.count || rows == steps else { continue }
      // A scale of the features may happen to have as many.
      if dataset.datatype.elementKind != nil || dataset.datatype.isString && shape.count == 1 {
        all[child.name] = child.name
        added.append(child.name)
      } else {
        whole.append("\(child.name) (\(dataset.datatype))")
      }
    }
    group = try SequenceGroup(rootOf: file, names: all)
    paths = all.keys.map(trimmed)
    notes =
      (added.isEmpty ? [] : ["divided along with the inputs: \(added.joined(separator: ", "))"])
      + (whole.isEmpty ? [] : ["left whole: \(whole.joined(separator: ", "))"])
  }
}
