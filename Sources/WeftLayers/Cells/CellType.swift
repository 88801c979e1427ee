import WeftConfiguration

/// A type of recurrent cell as one value: everything in which it differs from the others.
///
/// Layers, models, memory estimates, configurations and other programs' formats read these properties and never ask
/// which cell it is. A new cell is a file with such a value and its `RecurrentCell`, and a line in ``allCases``.
public struct CellType: Sendable {
  /// As configurations and checkpoints name it.
  public let name: String
  /// A letter for each gate, in the order in which weights, biases and activations hold them side by side.
  package let gates: String
  /// Whether a cell state passes from step to step beside the hidden state.
  package var hasCellState = false
  /// Whether the hidden state is a projection of the units, of a size of its own.
  package var hasProjection = false
  /// Gates whose recurrent product has a bias of its own, the last ones.
  package var recurrentBiasGates = ""
  /// Initial values of the gates' biases.
  package var initialBias: @Sendable (RecurrentLayerOptions) -> InitialValues = { _ in .zero }
  /// The same cell in other programs; none of those that lack it.
  package var foreign: [ForeignProgram: ForeignCell] = [:]
  /// Adds the parameters of the recurrent part to a layer's, and makes the part.
  package var make: @Sendable (inout CellBuilder) -> any RecurrentCell

  /// Number of gates.
  package var gateCount: Int { gates.count }
  /// Whether gates decide what is remembered, so that biases can set for how long.
  package var isGated: Bool { gateCount > 1 }
}

extension CellType: CaseIterable, Hashable, RawRepresentable, Codable, ConfigurationChoice {
  /// Every cell there is.
  public static let allCases: [CellType] = [
    .tanh, .relu, .lstm, .lstmPeephole, .lstmProjection, .gru, .gruResetAfter,
  ]

  /// The name.
  public var rawValue: String { name }

  /// The cell of a name; nil if there is none.
  public init?(rawValue: String) {
    guard let cell = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
    self = cell
  }

  /// Cells are equal if their names are.
  public static func == (first: CellType, second: CellType) -> Bool { first.name == second.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension CellType: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
