import KernelInterface
import WeftConfiguration

/// A type of recurrent cell: the properties by which cells differ.
///
/// Layers, models, memory estimates, configurations and import and export use only these properties, never a particular
/// cell. A new cell is a file with such a value and its `RecurrentCell`, and an entry in `builtIn`. A program
/// that uses Weft adds cells of its own by ``register(_:)``.
public struct CellType: Sendable {
  /// The name in configurations and checkpoints.
  public let name: String
  /// One letter per gate, in the order of the columns of weights, biases and activations.
  package let gates: String
  /// Whether the cell has a cell state in addition to the hidden state.
  package var hasCellState = false
  /// Vectors of units that the cell state is made of, side by side. Initial values of the first alone can be learned; the
  /// others are of use to the cell only, and start as zeros.
  package var cellVectors = 1
  /// Vectors of units that the hidden state is made of, side by side.
  package var hiddenVectors = 1
  /// Whether the activations of the gates and the state can be chosen; a cell without gates has only the latter.
  package var hasActivations = false
  /// Whether the hidden state is a projection of the units to another size.
  package var hasProjection = false
  /// Whether layer normalization applies to the gates.
  package var hasLayerNormalization = true
  /// How the recurrent weights connect the hidden state with the gates.
  package var recurrentWeights = RecurrentWeights.dense
  /// Activation of the candidate and the state, unless another is chosen.
  package var activation = Activation.tanh
  /// Gates whose recurrent product has a separate bias; they are the last gates.
  package var recurrentBiasGates = ""
  /// Initialization of the gate biases.
  package var initialBias: @Sendable (RecurrentLayerOptions) -> InitialValues = { _ in .zero }
  /// The equivalent cells of other programs.
  package var foreign: [ForeignProgram: ForeignCell] = [:]
  /// Adds the cell's parameters to a layer and creates the cell.
  package var make: @Sendable (inout CellBuilder) -> any RecurrentCell

  /// How recurrent weights connect the hidden state with the gates.
  package enum RecurrentWeights: Sendable {
    /// Every gate reads every element of the hidden state.
    case dense
    /// Every gate of a head reads the head's elements.
    case blocks
    /// Each unit reads its own element alone.
    case elementwise
    /// Gates depend on the inputs alone.
    case none
  }

  /// Number of gates.
  package var gateCount: Int { gates.count }
  /// Whether gates control the memory, so that their biases can set its time scale.
  package var isGated: Bool { gateCount > 1 }

  /// Whether recurrent weights are multiplied as matrices.
  package var hasRecurrentProducts: Bool { recurrentWeights == .dense || recurrentWeights == .blocks }
  /// Vectors of units that the hidden and the cell state are made of.
  package var stateVectors: Int { hiddenVectors + (hasCellState ? cellVectors : 0) }
  /// Whether zoneout applies to the cell state.
  package var hasCellZoneout: Bool { hasCellState && cellVectors == 1 }

  /// Size of the hidden state.
  ///
  /// - Parameter projection: Of cells that project it; nil for `units`.
  package func outputSize(units: Int, projection: Int?) -> Int {
    hasProjection ? projection ?? units : hiddenVectors * units
  }

  /// Elements of the hidden state that each gate of a unit reads.
  package func recurrentInputs(outputs: Int, heads: Int = 1) -> Int {
    switch recurrentWeights {
    case .dense: outputs
    case .blocks: outputs / heads
    case .elementwise: 1
    case .none: 0
    }
  }
}

extension CellType: CaseIterable, Hashable, RawRepresentable, Codable, ConfigurationChoice {
  /// The cells of Weft itself.
  package static let builtIn: [CellType] = [
    .tanh, .relu, .lstm, .lstmPeephole, .lstmProjection, .gru, .gruResetAfter, .minGRU, .minLSTM, .indRNN,
    .sLSTM, .lru,
  ]

  /// All cells: Weft's, and those that the program has registered.
  public static var allCases: [CellType] { builtIn + registered.all }

  /// The name.
  public var rawValue: String { name }

  /// The cell with a name; nil if there is none.
  public init?(rawValue: String) {
    guard let cell = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
    self = cell
  }

  /// Compares the names.
  public static func == (first: CellType, second: CellType) -> Bool { first.name == second.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension CellType: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
