import HDF5
import KernelInterface
import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftTasks
import WeftTensor
import WeftText

/// A run at one moment, as one HDF5 file.
///
/// Layout: attributes of the root tell the version, step, epoch and the like; `/configuration` holds the YAML text
/// as bytes; `/vocabulary` the tokens' text (`Vocabularies`); `/weights/…` every parameter by name; `/average/…`,
/// `/optimizer/first_moments/…` and `/optimizer/second_moments/…` arrays of the same names; `/state/…` the carried
/// states; `/scaling/…` means and deviations of the data; `/classes` the names of classes; `/history/…` the losses of every evaluation; `/rollbacks/…` returns to earlier checkpoints. Numbers are chunked and checksummed (Fletcher-32).
package struct Checkpoint {
  package let configuration: Configuration
  package let shape: ModelShape
  package let vocabularies: Vocabularies
  /// How the inputs were made from images or sounds; nil where nothing is known of that.
  package let preparation: String?
  /// What else must be known of the data.
  package let traits: DataTraits
  package let state: TrainingState
  /// Arrays by their path in the file; a parameter's has its shape.
  package let arrays: [String: Array]

  /// Numbers of a file, or of memory that is in use: those are copied no sooner than they are asked for, as copies of
  /// all moments would be the most that a run takes.
  package struct Array: Sendable, Equatable {
    package let shape: [Int]
    private let read: @Sendable () -> [Float]

    /// In row-major order.
    package var values: [Float] { read() }

    package init(values: [Float], shape: [Int]) {
      self.shape = shape
      read = { values }
    }

    /// A part of a tensor as it is when it is asked for.
    package init(_ matrix: Matrix, of tensor: Tensor, shape: [Int]) {
      self.shape = shape
      read = { withExtendedLifetime(tensor) { matrix.elements } }
    }

    package static func == (first: Array, second: Array) -> Bool {
      first.shape == second.shape && first.values == second.values
    }
  }

  static let format = "checkpoint"
  static let formatVersion = 1

  package init(
    configuration: Configuration, shape: ModelShape, vocabularies: Vocabularies, preparation: String? = nil,
    traits: DataTraits = DataTraits(), state: TrainingState, arrays: [String: Array]
  ) {
    self.configuration = configuration
    self.shape = shape
    self.vocabularies = vocabularies
    self.preparation = preparation
    self.traits = traits
    self.state = state
    self.arrays = arrays
  }

  /// A checkpoint of a model whose targets have no vocabulary of their own.
  package init(
    configuration: Configuration, shape: ModelShape, vocabulary: Vocabulary?, state: TrainingState,
    arrays: [String: Array]
  ) {
    self.init(
      configuration: configuration, shape: shape, vocabularies: Vocabularies(inputs: vocabulary),
      state: state, arrays: arrays)
  }

  /// The text of each token of the inputs; nil if they are no tokens.
  package var vocabulary: Vocabulary? { vocabularies.inputs }

  /// The parameters' values out of a group of arrays: `weights`, `average`, …
  ///
  /// - Throws: If an array is missing or has another shape than the model's parameter.
  package func restore(
    _ group: String, into flat: Tensor, layout: ParameterLayout, file: String
  ) throws(WeftError) {
    for parameter in layout.parameters {
      let name = "\(group)/\(parameter.name)"
      guard let array = arrays[name] else { throw .failure("\(file): dataset /\(name): is missing") }
      guard array.shape == parameter.shape else {
        throw .failure(
          "\(file): dataset /\(name): has the shape \(array.shape); the model's is \(parameter.shape)")
      }
      parameter.matrix(in: flat.matrix).assign(array.values)
    }
  }
}

extension Checkpoint {
  /// Restores carried states.
  ///
  /// - Throws: If one is missing or has another shape.
  package func restore(into state: RecurrentState, file: String) throws(WeftError) {
    for (name, tensor) in state.tensors {
      guard let array = arrays["state/\(name)"] else {
        throw .failure("\(file): dataset /state/\(name): is missing")
      }
      let shape = [tensor.matrix.rows, tensor.matrix.columns]
      guard array.shape == shape else {
        throw .failure("\(file): dataset /state/\(name): has the shape \(array.shape); the run's is \(shape)")
      }
      tensor.values = array.values
    }
  }
}

extension RecurrentState {
  /// The states as arrays of a checkpoint.
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
  /// A flat array's parameters as arrays under `group`.
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
