import WeftBase
import WeftLayers
import WeftTraining

extension NetworkInterface {
  /// The conversions that let a checkpoint's network take and give values in the units of the data.
  ///
  /// - Parameter file: The checkpoint's file, for errors.
  /// - Throws: If the inputs are tokens, or the outputs have no units.
  package init(raw checkpoint: Checkpoint, file: String) throws(WeftError) {
    let configuration = checkpoint.configuration
    guard case .features(let features) = checkpoint.shape.input else {
      throw .usage("--raw-inputs: \(file): the inputs are tokens, which are not scaled; remove --raw-inputs")
    }
    guard checkpoint.traits.scaling.series == nil else {
      throw .usage(
        "--raw-inputs: \(file): each series is scaled by its own values (data.scaling_by), which a network with fixed"
          + " weights does not know; remove --raw-inputs")
    }
    self.init()
    windows = try WindowRelation(raw: configuration, file: file)
    let scaling = checkpoint.traits.scaling
    inputScale = scaling.ofStep(width: features, stepsAhead: configuration.covariateSteps)
    if let width = inputScale?.width, width > features {
      throw .model("\(file): has the scaling of \(width) inputs, but \(features) inputs")
    }
    let loss = Loss(configuration.loss)
    guard case .values = loss.kind.targets, loss.kind != .binaryCrossEntropy else { return }
    let isForecast = configuration.data.horizon != nil && !configuration.model.hasOutputPerStep
    let horizon = isForecast ? configuration.data.horizon : nil
    let season = isForecast ? configuration.data.season : nil
    let values = checkpoint.shape.outputs / loss.outputsPerTarget
    let targets = values / (horizon ?? 1)
    guard targets > 0, targets * (horizon ?? 1) * loss.outputsPerTarget == checkpoint.shape.outputs,
      scaling.targets.map({ $0.width == targets }) ?? true, season == nil || targets <= features
    else {
      throw .model("\(file): its \(checkpoint.shape.outputs) outputs do not match its scaling and horizon")
    }
    let scale = scaling.ofValues(loss, width: targets)
    restoration = OutputRestoration(loss: loss, scale: scale, horizon: horizon, season: season)
  }
}

extension NetworkDescription.OutputActivation {
  /// The activation that gives the probabilities of a loss's classes.
  ///
  /// - Throws: If the loss has no classes.
  package init(of loss: LossConfiguration, option: String) throws(WeftError) {
    switch loss.kind {
    case .crossEntropy, .ctc: self = .softmax
    case .binaryCrossEntropy: self = .sigmoid
    default:
      throw .usage(
        "\(option): the outputs of the loss '\(loss.kind)' are not probabilities; --raw-inputs gives its predictions"
          + " in the units of the data")
    }
  }
}
