import HDF5
import KernelInterface
import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftTasks
import WeftTensor
import WeftText

/// The state of a run, as one HDF5 file.
///
/// Layout: attributes of the root contain version, step, epoch and so on; `/configuration` contains the YAML text as
/// bytes; `/vocabulary` the text of tokens (`Vocabularies`); `/weights/…` every parameter by name; `/average/…`,
/// `/optimizer/first_moments/…` and `/optimizer/second_moments/…` arrays of the same names; `/state/…` the carried
/// states; `/scaling/…` means and standard deviations of the data; `/classes` the class names; `/history/…` the losses
/// of every evaluation; `/rollbacks/…` the rollbacks; `/data_fingerprint` the fingerprint of the data as JSON, and
/// `/data_changes/…` where they were changed, as `/configuration_changes/…` the configuration. Numbers are chunked and checksummed (Fletcher-32).
package struct Checkpoint {
  package let configuration: Configuration
  package let shape: ModelShape
  package let vocabularies: Vocabularies
  /// Preparation of the inputs from images or audio; nil if unknown.
  package let preparation: String?
  /// Other traits of the data.
  package let traits: DataTraits
  /// Fingerprint of the data; nil in checkpoints of earlier versions and imported models.
  package let fingerprint: DataFingerprint?
  package let state: TrainingState
  /// Arrays by path in the file; those of parameters have their shape.
  package let arrays: [String: Array]

  /// The group of the weights that evaluation uses: their moving average, if there is one.
  package var evaluatedGroup: String {
    configuration.training.averageDecay != nil ? "average" : "weights"
  }

  /// Values from a file or from live memory. Live memory is copied only when requested, since copies of all optimizer
  /// moments would dominate the memory of a run.
  package struct Array: Sendable, Equatable {
    package let shape: [Int]
    /// Values of a range of the first dimension.
    private let read: @Sendable (Range<Int>) -> [Float]

    /// Values in row-major order.
    package var values: [Float] { values(of: 0..<(shape.first ?? 1)) }

    /// Values of a range of the first dimension, in row-major order.
    package func values(of range: Range<Int>) -> [Float] { read(range) }

    /// Ranges of the first dimension of about so many values, or of one index where that has more: as much of live memory
    /// as is copied at once.
    func blocks(of count: Int) -> [Range<Int>] {
      let rows = shape.first ?? 1
      let step = max(1, count / max(1, shape.dropFirst().reduce(1, *)))
      return stride(from: 0, to: rows, by: step).map { $0..<min($0 + step, rows) }
    }

    package init(values: [Float], shape: [Int]) {
      self.shape = shape
      let width = shape.dropFirst().reduce(1, *)
      read = { range in
        range.count == (shape.first ?? 1)
          ? values : Swift.Array(values[range.lowerBound * width..<range.upperBound * width])
      }
    }

    /// A part of a tensor, read when requested.
    package init(_ matrix: Matrix, of tensor: Tensor, shape: [Int]) {
      self.shape = shape
      read = { range in
        withExtendedLifetime(tensor) {
          (shape.count > 1 ? matrix.rows(range) : matrix.columns(range)).elements
        }
      }
    }

    package static func == (first: Array, second: Array) -> Bool {
      first.shape == second.shape && first.values == second.values
    }
  }

  static let format = "checkpoint"
  static let formatVersion = 1

  package init(
    configuration: Configuration, shape: ModelShape, vocabularies: Vocabularies, preparation: String? = nil,
    traits: DataTraits = DataTraits(), fingerprint: DataFingerprint? = nil, state: TrainingState,
    arrays: [String: Array]
  ) {
    self.configuration = configuration
    self.shape = shape
    self.vocabularies = vocabularies
    self.preparation = preparation
    self.traits = traits
    self.fingerprint = fingerprint
    self.state = state
    self.arrays = arrays
  }

  /// A checkpoint of a model without a target vocabulary.
  package init(
    configuration: Configuration, shape: ModelShape, vocabulary: Vocabulary?, state: TrainingState,
    arrays: [String: Array]
  ) {
    self.init(
      configuration: configuration, shape: shape, vocabularies: Vocabularies(inputs: vocabulary),
      state: state, arrays: arrays)
  }

  /// Text of each input token; nil if inputs are not tokens.
  package var vocabulary: Vocabulary? { vocabularies.inputs }

  /// Parameter values from a group of arrays: `weights`, `average`, …
  ///
  /// - Throws: If an array is missing or has a different shape.
  package func restore(
    _ group: String, into flat: Tensor, layout: ParameterLayout, file: String
  ) throws(WeftError) {
    for parameter in layout.parameters {
      let name = "\(group)/\(parameter.name)"
      guard let array = arrays[name] else { throw .model("\(file): dataset /\(name): is missing") }
      guard array.shape == parameter.shape else {
        throw .model(
          "\(file): dataset /\(name): has the shape \(array.shape); the model's is \(parameter.shape)")
      }
      parameter.matrix(in: flat.matrix).assign(array.values)
    }
  }
}

extension Checkpoint {
  /// Restores carried states.
  ///
  /// - Throws: If one is missing or has a different shape.
  package func restore(into state: RecurrentState, file: String) throws(WeftError) {
    for (name, tensor) in state.tensors {
      guard let array = arrays["state/\(name)"] else {
        throw .model("\(file): dataset /state/\(name): is missing")
      }
      let shape = [tensor.matrix.rows, tensor.matrix.columns]
      guard array.shape == shape else {
        throw .model("\(file): dataset /state/\(name): has the shape \(array.shape); the run's is \(shape)")
      }
      tensor.values = array.values
    }
  }
}

extension RecurrentState {
  /// Carried states as arrays of a checkpoint.
  package var arrays: [String: Checkpoint.Array] {
    Dictionary(
      uniqueKeysWithValues: tensors.map { name, tensor in
        (
          "state/\(name)",
          Checkpoint.Array(
            tensor.matrix, of: tensor, shape: [tensor.matrix.rows, tensor.matrix.columns])
        )
      })
  }
}

extension Parameter {
  /// One dimension for biases and gains, two for matrices.
  package var shape: [Int] { rows == 1 && !isWeight ? [columns] : [rows, columns] }
}

extension ParameterLayout {
  /// Parameters of a flat array, as arrays under `group`.
  package func arrays(of flat: Tensor, group: String) -> [String: Checkpoint.Array] {
    Dictionary(
      uniqueKeysWithValues: parameters.map { parameter in
        (
          "\(group)/\(parameter.name)",
          Checkpoint.Array(parameter.matrix(in: flat.matrix), of: flat, shape: parameter.shape)
        )
      })
  }
}
