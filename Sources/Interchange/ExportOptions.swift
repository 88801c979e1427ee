import WeftData
import WeftLayers

/// How a network is written for another program.
package struct ExportOptions: Sendable, Equatable {
  /// Whether sequences of different lengths can share a batch.
  package var isRagged = false
  /// Whether the network takes one step and the states, and gives the states for the next step.
  package var isStreaming = false
  /// Whether a program that defines the modules is written beside a state dictionary.
  package var hasProgram = false
  /// What the network computes before its first and after its last layer.
  package var interface = NetworkInterface()

  package init(isRagged: Bool = false, isStreaming: Bool = false, hasProgram: Bool = false) {
    self.isRagged = isRagged
    self.isStreaming = isStreaming
    self.hasProgram = hasProgram
  }
}

/// The conversions between a user's values and those that a network is trained on.
package struct NetworkInterface: Sendable, Equatable {
  /// Standardization of the first features of the inputs; nil for inputs that are scaled already.
  package var inputScale: FeatureScale?
  /// Relation of all features to the context that the inputs are, before ``inputScale``; nil for none.
  package var windows: WindowRelation?
  /// Conversion of the outputs; nil for the values before the loss.
  package var restoration: OutputRestoration?

  package init() {}
}

/// Converts outputs to predictions in original units.
package struct OutputRestoration: Sendable, Equatable {
  /// The loss that the network was trained with, which tells what its outputs mean.
  package var loss: Loss
  /// Of the targets; nil if they are not scaled.
  package var scale: FeatureScale?
  /// Steps that are forecast at once; nil if outputs are not forecasts of several steps.
  package var horizon: Int?
  /// Forecasts are differences from the values this many steps earlier; nil for plain forecasts.
  package var season: Int?

  package init(loss: Loss, scale: FeatureScale?, horizon: Int?, season: Int?) {
    self.loss = loss
    self.scale = scale
    self.horizon = horizon
    self.season = season
  }
}
