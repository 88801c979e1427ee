import Foundation
import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel
import WeftTensor

/// Predicts classes with their probabilities, or values in the units of the data, of sequences or of each step; or the
/// states that the output layer reads.
package struct SequencePredictor: Predictor {
  package let model: SequenceModel
  let loss: Loss
  let configuration: Configuration
  /// Names of the classes, of labels that do not exclude each other, or of values; empty without names.
  let classes: [String]
  let scale: FeatureScale?
  /// Whether to return states instead of outputs.
  var wantsStates = false

  /// Levels of reported quantiles of distributions; those of the loss if it has its own.
  private var levels: [Double] {
    loss.kind.predictsDistribution ? loss.reportedLevels : []
  }

  /// Values per output.
  var width: Int { model.shape.outputs / loss.outputsPerTarget }

  private var isPerStep: Bool { model.hasOutputPerStep }

  /// Names of labels and values, or their numbers; a single one needs no name.
  private var valueNames: [String] {
    width == 1 ? [] : classes.count == width ? classes : (0..<width).map(String.init)
  }
  private var valueShape: [Int] { [width] }

  package func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable {
    let blocks = try SplitBlocks(dataset, split: split, configuration)
    var table = table(
      index: blocks.isStream ? ["step"] : isPerStep ? ["sequence", "step"] : ["sequence"],
      hasTargets: blocks.hasTargets)
    if let times = try times(dataset, split, blocks) {
      table.times = times.style
      table.columns.append(.init("time", .time))
    }
    return table
  }

  /// The times of the steps that rows belong to; nil if there are none.
  private func times(
    _ dataset: DatasetFile, _ split: String, _ blocks: SplitBlocks
  ) throws(WeftError) -> SplitTimes? {
    let rowsAreSteps = blocks.isStream || isPerStep && blocks.sequenceStarts != nil
    if wantsStates || !rowsAreSteps || configuration.model.changesLengths { return nil }
    return try dataset.times(split: split)
  }

  /// The columns of outputs.
  ///
  /// - Parameter index: The columns that say what a row belongs to.
  package func table(index: [String], hasTargets: Bool) -> PredictionTable {
    if wantsStates {
      let size = model.stack.outputSize
      return PredictionTable(
        index: index,
        columns: [.init("states", .float, shape: [size], labels: (0..<size).map(String.init))])
    }
    var columns: [PredictionTable.Column]
    if loss.wantsClasses {
      columns = [
        .init("predicted", .integer), .init("probabilities", .float, shape: [classes.count], labels: classes),
      ]
      if hasTargets { columns.append(.init("targets", .integer)) }
      return PredictionTable(index: index, columns: columns, classes: classes)
    }
    if loss.kind == .binaryCrossEntropy {
      columns = [.init("probabilities", .float, shape: valueShape, labels: valueNames)]
    } else if levels.isEmpty {
      columns = [.init("predictions", .double, shape: valueShape, labels: valueNames)]
    } else {
      columns = [
        .init("median", .double, shape: valueShape, labels: valueNames),
        .init(
          "quantiles", .double, shape: [levels.count] + valueShape, labels: levels.quantileNames(valueNames)),
      ]
    }
    if hasTargets { columns.append(.init("targets", .double, shape: valueShape, labels: valueNames)) }
    return PredictionTable(index: index, columns: columns, levels: levels)
  }

  /// The columns of the only row of outputs.
  package func columns(ofRow outputs: [Float], _ engine: Engine) -> [PredictedRows.Values] {
    let row = Tensor(rows: 1, columns: outputs.count)
    row.matrix.assign(outputs)
    if loss.wantsClasses { engine.kernels.softmax(row.matrix, classes: outputs.count) }
    return columns(row, nil, [0])
  }

  package func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    let blocks = try SplitBlocks(dataset, split: split, configuration)
    let state = blocks.carriesState ? RecurrentState(batch: 1, layers: model.carriedLayers) : nil
    let times = try times(dataset, split, blocks)
    try blocks.forEach { block throws(WeftError) in
      let outputs = model.outputs(
        block.batch, of: wantsStates ? .states : .outputs, initial: block.number > 0 ? state : nil,
        final: state, on: executor)
      let predicted = wantsStates ? nil : makeProbabilities(outputs, block.batch, on: executor)
      let places = model.outputOffsets(block.batch)
      var rows = PredictedRows(index: [], columns: [])
      let order = block.order.flatMap { row in (places[row]..<places[row + 1]).map { (row, $0) } }
      rows.index = index(block, order, places)
      rows.columns = columns(outputs, block.batch.targets, order.map(\.1), predicted: predicted)
      if let times {
        let steps = blocks.steps(rows.index)
        let range = (steps.min() ?? 0)..<(steps.max() ?? -1) + 1
        let own = try times.times(range)
        rows.columns.append(.numbers(steps.map { own[$0 - range.lowerBound] }))
      }
      try onRows(rows, block.number + 1, block.total)
    }
  }

  /// Replaces outputs of classes by their probabilities.
  ///
  /// - Returns: The predicted class of each output; nil for the most probable one.
  func makeProbabilities(_ outputs: Tensor, _ batch: Minibatch, on executor: Executor) -> [Int32]? {
    if let paths = model.decodePaths(outputs, batch, on: executor) { return paths }
    if loss.wantsClasses {
      executor.engine.kernels.softmax(outputs.matrix, classes: outputs.matrix.columns)
    }
    return nil
  }

  /// The index columns of outputs, given by their row of the minibatch and their place.
  private func index(_ block: SplitBlocks.Block, _ order: [(row: Int, place: Int)], _ places: [Int])
    -> [[Int]]
  {
    guard let sequences = block.sequences else {
      return [
        order.map { row, place in
          // An output for a window belongs to its last step.
          isPerStep
            ? block.starts[row] + place - places[row] : block.starts[row] + block.batch.lengths[row] - 1
        }
      ]
    }
    let numbers = order.map { sequences[$0.row] }
    return isPerStep ? [numbers, order.map { $0.place - places[$0.row] }] : [numbers]
  }

  /// The columns of outputs at some places.
  ///
  /// - Parameter predicted: The predicted class of each output; nil for the most probable one.
  func columns(
    _ outputs: Tensor, _ targets: Targets<FeatureArray>?, _ places: [Int], predicted: [Int32]? = nil
  ) -> [PredictedRows.Values] {
    let matrix = outputs.matrix
    func values(of place: Int) -> [Float] { (0..<matrix.columns).map { matrix[place, $0] } }
    if wantsStates { return [.numbers(places.flatMap { values(of: $0).map(Double.init) })] }
    var columns: [PredictedRows.Values]
    if loss.wantsClasses {
      let probabilities = places.map(values)
      columns = [
        .integers(
          predicted.map { classes in places.map { classes[$0] } }
            ?? probabilities.map { row in Int32(row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }) }),
        .numbers(probabilities.flatMap { $0.map(Double.init) }),
      ]
    } else if loss.kind == .binaryCrossEntropy {
      columns = [.numbers(places.flatMap { values(of: $0).map { 1 / (1 + exp(-Double($0))) } })]
    } else {
      let distributions = places.map { loss.distributions(values(of: $0)) }
      columns = [.numbers(distributions.flatMap { restored($0.map(\.median)) })]
      if !levels.isEmpty {
        columns.append(
          .numbers(
            distributions.flatMap { row in
              levels.flatMap { level in restored(row.map { $0.quantile(level) }) }
            }))
      }
    }
    switch targets {
    case .classes(let classes): columns.append(.integers(places.map { classes[$0] }))
    case .values(let values):
      columns.append(
        .numbers(
          places.flatMap { place in
            values[place].map(Double.init).enumerated().map { target, value in
              scale?.original(value, feature: target) ?? value
            }
          }))
    default: break
    }
    return columns
  }

  private func restored(_ values: [Double]) -> [Double] {
    guard let scale else { return values }
    return values.enumerated().map { scale.restored($1, feature: $0 % scale.width) }
  }
}

extension Loss {
  /// Levels of reported quantiles: those that are learned, or usual ones.
  var reportedLevels: [Double] { kind == .quantile ? quantileLevels : [0.05, 0.1, 0.25, 0.75, 0.9, 0.95] }
}

extension [Double] {
  /// A name for each quantile at these levels of each value, such as `0.9` or `0.9_1`.
  func quantileNames(_ values: [String]) -> [String] {
    flatMap { level in values.isEmpty ? ["\(level)"] : values.map { "\(level)_\($0)" } }
  }
}
