import WeftBase
import WeftLayers

extension ForeignProgram {
  /// Display name.
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
  /// - Throws: If the program does not support the cell; the message names one that does.
  func foreign(in program: ForeignProgram, file: String) throws(WeftError) -> ForeignCell {
    if let foreign = foreign[program] { return foreign }
    throw .model("\(file): model.cell '\(name)' is not supported in \(program.name); export to onnx")
  }
}

/// Candidate cells for a layer of another program, narrowed down by the file.
struct CellCandidates {
  private let program: ForeignProgram
  private(set) var cells: [CellType]

  /// All cells supported by the program.
  init(_ program: ForeignProgram) {
    self.program = program
    cells = CellType.allCases.filter { $0.foreign[program] != nil }
  }

  func foreign(_ cell: CellType) -> ForeignCell {
    guard let foreign = cell.foreign[program] else { preconditionFailure("the program has the cell") }
    return foreign
  }

  /// Keeps the matching cells.
  mutating func keep(_ fits: (CellType, ForeignCell) -> Bool) {
    cells = cells.filter { fits($0, foreign($0)) }
  }

  /// Keeps the cells whose argument has the value given in the file.
  ///
  /// - Parameters:
  ///   - value: Nil if the file does not specify it.
  ///   - standard: Value of cells that do not specify the argument.
  /// - Returns: The values of the candidates, if none matches; nil if one does.
  mutating func keep(
    _ argument: String, _ value: ForeignCell.Value?, standard: ForeignCell.Value?
  ) -> [ForeignCell.Value]? {
    guard let value else { return nil }
    let possible = cells.compactMap { foreign($0).settings[argument] ?? standard }
    guard !possible.isEmpty else { return nil }
    keep { _, foreign in (foreign.settings[argument] ?? standard ?? value) == value }
    return cells.isEmpty ? possible : nil
  }

  /// The remaining cell or, of several, the user's choice or the program's default.
  func choose(_ hint: CellType?) -> CellType? {
    if let hint, cells.contains(hint) { return hint }
    return cells.first { foreign($0).isDefault } ?? cells.first
  }
}
