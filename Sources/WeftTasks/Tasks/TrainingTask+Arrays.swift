import WeftBase
import WeftData
import WeftModels

extension Configuration {
  /// Steps whose covariates each step reads; 0 without any.
  package var covariateSteps: Int {
    data.covariates.isEmpty ? 0 : model.hasOutputPerStep ? 1 : data.knownAhead ?? data.horizon ?? 1
  }
}

extension TrainingTask {
  /// Predicts sequences that are arrays in memory.
  ///
  /// - Parameter path: The model's path, for errors.
  /// - Throws: If the model does not predict sequences by themselves.
  package func arrayPredictor(
    _ configuration: Configuration, scaling: Scaling, path: String
  ) throws(WeftError) -> ArrayPredictor {
    func refusal(_ reason: String) -> WeftError {
      .model("\(path): cannot predict from arrays: \(reason); use 'weft predict'")
    }
    let data = configuration.data
    if data.missingInputs == .mask {
      throw refusal("its inputs have marks of missing values (data.missing_inputs)")
    }
    if data.scalesWindows || scaling.series != nil {
      throw refusal(
        "each window or series is scaled by its own values (data.relative_to, data.normalization, data.scaling_by)"
      )
    }
    let predictor: SequencePredictor
    if let own = stepPredictor(configuration) {
      predictor = own
    } else if let forecaster, forecaster.isDirect, let model = model as? SequenceModel {
      if data.season != nil {
        throw refusal("its forecasts are changes from the season before (data.season)")
      }
      predictor = SequencePredictor(
        model: model, loss: loss, configuration: configuration, classes: [], scale: forecaster.scale)
    } else {
      throw refusal("its output is text or a sequence of another length")
    }
    return ArrayPredictor(
      predictor,
      inputScale: scaling.ofStep(
        width: predictor.model.shape.inputSize, stepsAhead: configuration.covariateSteps),
      rowsPerPass: max(configuration.training.batch, 1),
      classes: loss.wantsClasses ? predictor.classes : classNames)
  }
}
