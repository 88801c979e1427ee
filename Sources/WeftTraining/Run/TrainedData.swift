import HDF5
import WeftBase
import WeftData
import WeftTasks

/// What a checkpoint tells of the data of its run, so that it need not be computed again.
package struct TrainedData {
  package let fingerprint: DataFingerprint
  package let scaling: Scaling
  package let categories: [CategoricalFeature]

  /// From the newest checkpoint of a run's folder that has it; nil if there is none.
  package init?(in folder: RunFolder) {
    for path in folder.checkpoints {
      if let found = try? TrainedData(reading: path) {
        self = found
        return
      }
    }
    return nil
  }

  private init?(reading path: String) throws {
    let file = try File(opening: path)
    let budget = FileBudget(of: path, expansion: FileBudget.compressedExpansion)
    guard let fingerprint = try Checkpoint.fingerprint(in: file, budget) else { return nil }
    self.fingerprint = fingerprint
    let configuration = try Configuration(
      yaml: String(
        decoding: Checkpoint.read("configuration", as: UInt8.self, file, budget).values, as: UTF8.self),
      name: "/configuration")
    var arrays: [String: Checkpoint.Array] = [:]
    if try file.contains("scaling") {
      try file.group("scaling").visit { visit in
        guard visit.child.isDataset else { return }
        let name = String(visit.child.path.dropFirst())
        let (values, shape) = try Checkpoint.read(name, as: Float.self, file, budget)
        arrays[name] = Checkpoint.Array(values: values, shape: shape)
      }
    }
    scaling = try Checkpoint.scaling(arrays, configuration.data, in: file, budget)
    let width =
      try file.attributes.contains("input_features")
      ? file.attributes.value("input_features", as: Int.self) : 0
    categories = width > 0 ? try Checkpoint.categories(in: file, budget, width: width) : []
  }
}
