import WeftBase
import WeftData
import WeftTasks

/// How the values of a window are related to its context: x′ = (x − level) / unit, for each feature by itself.
package struct WindowRelation: Sendable, Equatable {
  package let level: WindowLevel
  package let unit: WindowUnit
}

extension WindowRelation {
  /// The relation of windows to their contexts; nil if there is none.
  ///
  /// - Throws: If a graph that reads the context alone does not know it.
  init?(raw configuration: Configuration, file: String) throws(WeftError) {
    let data = configuration.data
    guard data.scalesWindows else { return nil }
    func refusal(_ reason: String) -> WeftError {
      .usage(
        "--raw-inputs: \(file): each window is scaled by its own values (data.relative_to, data.normalization), but"
          + " \(reason); remove --raw-inputs")
    }
    guard !configuration.model.hasOutputPerStep else {
      throw refusal("with 'model.output: every-step' a graph does not know where the context ends")
    }
    guard data.covariates.isEmpty, data.staticInputs.isEmpty, data.missingInputs != .mask else {
      throw refusal(
        "covariates, static features and marks of missing values, which a graph does not tell from others, are not"
      )
    }
    guard data.targets == nil || data.inputs.first == data.targets else {
      throw refusal("the forecast values, 'data.targets', are not the first of the inputs")
    }
    self.init(level: data.windowLevel, unit: data.windowUnit)
  }
}
