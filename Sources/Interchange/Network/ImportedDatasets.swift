import WeftBase
import WeftData
import WeftTasks

/// The datasets that a network with several inputs reads.
package struct ImportedDatasets: Sendable, Equatable {
  /// Those of each step.
  package var inputs: [String]
  /// Those with one row for each sequence.
  package var staticInputs: [String]
  /// Those of tokens, each with an embedding.
  package var categories: [String]
  /// Whether each of them has one number or token at a step, so that an array of two axes has a row for each sequence.
  package var isDense: Bool

  /// Names the datasets in a configuration, unless it names others.
  ///
  /// - Throws: If it names more or fewer.
  func apply(to data: inout DataConfiguration, file: String) throws(WeftError) {
    let isNamed = !data.inputs.isEmpty
    guard !isNamed || data.inputs.count == inputs.count,
      !isNamed || data.staticInputs.count == staticInputs.count
    else {
      let once = staticInputs.isEmpty ? "" : " and \(staticInputs.joined(separator: ", ")) of each sequence"
      throw .usage(
        "\(file): its inputs are \(inputs.joined(separator: ", ")) of each step\(once); name as many with data.inputs"
          + " and data.static")
    }
    if !isNamed { (data.inputs, data.staticInputs) = (inputs, staticInputs) }
    if data.categories.isEmpty {
      data.categories = zip(inputs + staticInputs, data.inputs + data.staticInputs).filter {
        categories.contains($0.0)
      }.map(\.1)
    }
    if isDense, data.format == .auto, data.offsets == nil { data.format = .dense }
  }
}
