import HDF5

/// What must be known of the data, beside their shape and vocabularies, to use a model on new ones.
package struct DataTraits: Sendable, Equatable {
  /// The names of target classes; empty where the file names none.
  package var classes: [String] = []
  /// How numbers are scaled.
  package var scaling = Scaling()

  package init() {}

  /// Reads what a file holds.
  ///
  /// - Parameter check: Called with each dataset.
  package init(in file: File, scaling: Scaling = Scaling(), check: (Dataset) throws -> Void = { _ in }) throws
  {
    self.scaling = scaling
    guard try file.contains("classes") else { return }
    let dataset = try file.dataset("classes")
    switch dataset.datatype {
    case .string, .fixedString:
      classes = try dataset.read(as: String.self)
      try check(dataset)
    default: break
    }
  }
}
