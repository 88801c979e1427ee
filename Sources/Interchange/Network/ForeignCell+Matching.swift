import WeftBase
import WeftLayers

extension ForeignProgram {
  /// As people call it.
  var name: String {
    switch self {
    case .keras: "Keras"
    case .pytorch: "PyTorch"
    case .onnx: "ONNX"
    }
  }
}

extension CellType {
  /// The same cell in another program.
  ///
  /// - Parameter file: For errors.
  /// - Throws: If the program has none; the message names those that have.
  func foreign(in program: ForeignProgram, file: String) throws(WeftError) -> ForeignCell {
    if let foreign = foreign[program] { return foreign }
    let others = ForeignProgram.allCases.filter { foreign[$0] != nil }.map { $0.name.lowercased() }
    throw .failure(
      "\(file): model.cell '\(name)' has no counterpart in \(program.name)"
        + (others.isEmpty ? "" : "; export to \(others.joined(separator: " or "))"))
  }
}

/// The cells of Weft that a layer of another program may be; what the file tells narrows them down.
struct CellCandidates {
  private let program: ForeignProgram
  private(set) var cells: [CellType]

  /// All cells that the program has.
  init(_ program: ForeignProgram) {
    self.program = program
    cells = CellType.allCases.filter { $0.foreign[program] != nil }
  }

  func foreign(_ cell: CellType) -> ForeignCell {
    guard let foreign = cell.foreign[program] else { preconditionFailure("the program has the cell") }
    return foreign
  }

  /// Keeps the cells that fit; none are left where none does.
  mutating func keep(_ fits: (CellType, ForeignCell) -> Bool) {
    cells = cells.filter { fits($0, foreign($0)) }
  }

  /// Keeps the cells whose argument has the value that the file tells.
  ///
  /// - Parameters:
  ///   - value: Nil where the file does not tell it.
  ///   - standard: What cells have that say nothing of the argument.
  /// - Returns: The values that the cells would have had, where none has the file's; nil where one has.
  mutating func keep(
    _ argument: String, _ value: ForeignCell.Value?, standard: ForeignCell.Value?
  ) -> [ForeignCell.Value]? {
    guard let value else { return nil }
    let possible = cells.compactMap { foreign($0).settings[argument] ?? standard }
    guard !possible.isEmpty else { return nil }
    keep { _, foreign in (foreign.settings[argument] ?? standard ?? value) == value }
    return cells.isEmpty ? possible : nil
  }

  /// The one that is left or, of several, the one that the user asks for or else the program's default.
  func choose(_ hint: CellType?) -> CellType? {
    if let hint, cells.contains(hint) { return hint }
    return cells.first { foreign($0).isDefault } ?? cells.first
  }
}
