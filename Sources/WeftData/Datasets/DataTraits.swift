import HDF5
import WeftBase

/// Properties of the data, besides shape and vocabularies, that are needed to apply a model to new data.
package struct DataTraits: Sendable, Equatable {
  /// Names of the target classes; empty if the file does not name them.
  package var classes: [String] = []
  /// Scaling of inputs and targets.
  package var scaling = Scaling()
  /// The features of the inputs as the file names them; empty if it names none.
  package var features: [NamedFeature] = []
  /// The columns of the targets as the file names them; empty if it names none.
  package var targetNames: [String] = []

  package init() {}

  /// Names of the values that a model predicts, of the targets or, where these are the next inputs, of the inputs; empty if
  /// the file names others, or none.
  package func valueNames(width: Int) -> [String] {
    targetNames.count == width && Set(targetNames).count == width && !targetNames.contains("")
      ? targetNames : []
  }

  /// Reads the traits from a file.
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
