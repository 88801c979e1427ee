import WeftData
import WeftLayers
import WeftModels
import WeftParallel
import WeftTensor

/// A sequence model with parameters, a minibatch and everything else that its loss depends on.
package struct ModelRun: Sendable {
  package let configuration: ModelConfiguration
  package let model: SequenceModel
  package let parameters: [Float]
  package let batch: Minibatch
  package let loss: Loss
  /// Nil for the layers' own initial states.
  package let initial: RecurrentState?
  package var dropoutKey: DropoutKey?

  package init(
    configuration: ModelConfiguration, model: SequenceModel, parameters: [Float], batch: Minibatch,
    loss: Loss, initial: RecurrentState?, dropoutKey: DropoutKey?
  ) {
    self.configuration = configuration
    self.model = model
    self.parameters = parameters
    self.batch = batch
    self.loss = loss
    self.initial = initial
    self.dropoutKey = dropoutKey
  }

  package struct Result {
    package var found: PassResult
    /// Flat, as the parameters.
    package var gradient: [Float]
    package var norm: Double
    package var final: RecurrentState
  }

  package func executor(
    threads: Int, lanes: Int, engine: Engine, ranks: any Communicator = SingleRank()
  ) -> Executor {
    Executor(
      model, parameters: Tensor(rows: 1, columns: model.layout.count, values: parameters),
      engine: engine, threads: threads, lanes: lanes, ranks: ranks)
  }

  /// The loss and its gradient.
  ///
  /// - Parameter segmentSteps: Time steps per segment; nil for all.
  package func backpropagate(
    threads: Int = 1, lanes: Int = 4, engine: Engine = .baseline, segmentSteps: Int? = nil
  ) -> Result {
    let executor = executor(threads: threads, lanes: lanes, engine: engine)
    executor.memoryBudget = segmentSteps.map { model.activationBytes * batch.rows * $0 }
    let final = RecurrentState(batch: batch.rows, layers: model.stack.layers)
    let found = model.backpropagate(
      batch, loss: loss, initial: initial, final: final, dropoutKey: dropoutKey, recordsGradientNorms: true,
      on: executor)
    let norm = GradientReduction().reduce(on: executor)
    return Result(
      found: found, gradient: Array(executor.gradients[0].values[..<model.layout.count]), norm: norm,
      final: final
    )
  }

  /// The reference result in Double, from the equations.
  package var reference: ReferenceModel {
    ReferenceModel(
      model: model, configuration: configuration, batch: batch, loss: loss, dropoutKey: dropoutKey,
      initial: initial.map { state in
        (0..<batch.rows).map { row in
          state.layers.map { layer in
            func values(_ tensor: Tensor?) -> [Double] {
              tensor.map { tensor in
                (0..<tensor.matrix.columns).map { Double(tensor.matrix[row, $0]) }
              } ?? []
            }
            return ReferenceLayer.State(hidden: values(layer.hidden), cell: values(layer.cell))
          }
        }
      })
  }

  /// The parameters' values by name.
  package var namedParameters: [String: [Double]] {
    Dictionary(
      uniqueKeysWithValues: model.layout.parameters.map { parameter in
        let range = parameter.offset..<parameter.offset + parameter.count
        return (parameter.name, parameters[range].map(Double.init))
      })
  }
}
