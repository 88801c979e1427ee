import Foundation
import WeftBase

extension StateDictionary {
  /// Reads a file of `torch.save`: a state dictionary, or a training program's dictionary that contains one.
  ///
  /// - Throws: If the file is damaged, contains more than weights and options, or no state dictionary.
  package init(torch path: String) throws(WeftError) {
    let file = try TorchFile(path)
    let found = try file.stateDictionary()
    self.init()
    if !found.keys.isEmpty {
      notes.append("takes the weights of '\(found.keys.joined(separator: "."))'")
    }
    metadata["classes"] = file.classes.map { JSONValue.list($0.map { .text($0) }).document }
    var tensors = try file.tensors(in: found)
    // Counters, such as those of normalization layers, are not weights.
    tensors.removeAll { if case .whole = $0.tensor.element { true } else { false } }
    for (name, tensor) in tensors {
      if case .unusual(let type, _) = tensor.element {
        throw .model("\(path): '\(name)' is of type \(type), not float64, float32, float16 or bfloat16")
      }
    }
    order = tensors.map(\.name)
    // Each storage is read once, however many tensors share it.
    for (storage, views) in Dictionary(grouping: tensors, by: \.tensor.storage).sorted(by: { $0.key < $1.key }
    ) {
      let bytes = try file.bytes(ofStorage: storage)
      for (name, tensor) in views {
        arrays[name] = Array(shape: tensor.shape, values: try tensor.values(name, bytes, file.budget))
      }
    }
  }
}
