import HDF5
import WeftBase

/// Episodes of reinforcement learning.
extension HierarchySource {
  /// Whether a sequence of observations has one more than its targets: that after the last action, as Minari keeps it.
  ///
  /// - Parameters:
  ///   - name: The name of the sequence.
  ///   - steps: Its steps.
  /// - Throws: If the targets cannot be read.
  func hasLastObservation(_ name: String, steps: Int) throws -> Bool {
    guard let targets = options.targets, targets.contains("{}"), steps > 2,
      options.inputs.allSatisfy({ $0.contains("observation") || $0.contains("/obs") })
    else { return false }
    let place = Place(targets, name: name)
    guard place.attribute == nil, try forms.dataset(place.path).shape.first == steps - 1 else { return false }
    notes.addOnce("observation", "the last observation of each sequence, after its last action, is left out")
    return true
  }
}
