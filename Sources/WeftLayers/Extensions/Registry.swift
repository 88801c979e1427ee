import WeftBase

/// What a program has added to the choices of a configuration, in the order of registration.
final class Registry<Choice: Sendable>: Sendable {
  private let choices = Locked<[(name: String, choice: Choice)]>([])

  var all: [Choice] { choices.withLock { $0.map(\.choice) } }

  /// Adds a choice; one of the same name takes the place of the earlier one.
  ///
  /// - Parameters:
  ///   - kind: What it is, for errors.
  ///   - builtIn: Names that are taken.
  /// - Throws: If the name is taken, or would have to be quoted in a configuration.
  func add(_ choice: Choice, named name: String, kind: String, builtIn: [String]) throws(WeftError) {
    let isPlain = name.unicodeScalars.allSatisfy { "a"..."z" ~= $0 || "0"..."9" ~= $0 || $0 == "-" }
    guard isPlain, let first = name.first, first.isLetter else {
      throw .usage(
        "\(kind) '\(name)': names consist of lower-case letters, digits and hyphens, and begin with a letter")
    }
    if builtIn.contains(name) { throw .usage("\(kind) '\(name)': Weft has one of this name; choose another") }
    choices.withLock { choices in
      if let place = choices.firstIndex(where: { $0.name == name }) {
        choices[place].choice = choice
      } else {
        choices.append((name, choice))
      }
    }
  }
}

extension CellType {
  static let registered = Registry<CellType>()

  /// Adds a cell of one's own to the choices of `model.cell`.
  ///
  /// Models that were trained with it can be opened once it is registered.
  ///
  /// - Throws: If its name is not one, or taken by a cell of Weft's, or its gates cannot be computed.
  @discardableResult
  public static func register(_ cell: some CustomCell) throws(WeftError) -> CellType {
    let type = try CellType(cell)
    try registered.add(type, named: cell.name, kind: "cell", builtIn: builtIn.map(\.name))
    return type
  }

  /// - Throws: If the cell's gates cannot be computed.
  package init(_ cell: some CustomCell) throws(WeftError) {
    let gates = cell.gates
    guard (1...4).contains(gates.count) else {
      throw .usage("cell '\(cell.name)': has \(gates.count) gates; expected one to four")
    }
    if let gate = gates.first(where: \.activation.gradientReadsInputs) {
      throw .usage(
        "cell '\(cell.name)': gate \(gate.letter) cannot have the activation '\(gate.activation.rawValue)',"
          + " whose gradient needs the pre-activation")
    }
    let biases = gates.map(\.initialBias)
    self.init(
      name: cell.name, gates: String(gates.map(\.letter)), hasCellState: cell.hasCellState,
      initialBias: { _ in .gates(biases) }, make: { builder in CustomCellStep(cell, &builder) })
  }
}

extension LossType {
  static let registered = Registry<LossType>()

  /// Adds a loss of one's own to the choices of `loss.kind`.
  ///
  /// Models that were trained with it can be opened once it is registered.
  ///
  /// - Throws: If its name is not one, or taken by a loss of Weft's.
  @discardableResult
  public static func register(_ loss: some CustomLoss) throws(WeftError) -> LossType {
    let type = LossType(loss)
    try registered.add(type, named: loss.name, kind: "loss", builtIn: builtIn.map(\.name))
    return type
  }

  package init(_ loss: some CustomLoss) {
    self.init(
      name: loss.name, targets: .values(loss.targetRange), evaluate: { _, pass in pass.evaluate(loss) })
  }
}
