import Interchange
import TestSupport
import Testing

@testable import WeftLayers

/// Every cell in the programs that it is exported to, with everything that changes its steps.
struct CellExportTests {
  /// Options of a block of a cell.
  private static func variants(of cell: CellType, hidden: Int) -> [String] {
    var result = ["", ", zoneout: 0.2"]
    if cell.hasCellZoneout { result.append(", zoneout: 0.1, cell_zoneout: 0.3") }
    if cell.hasActivations {
      result.append(", activation: softplus\(cell.isGated ? ", recurrent_activation: hard-sigmoid" : "")")
    }
    if cell.hasLayerNormalization { result.append(", layer_normalization: true") }
    if cell.recurrentWeights == .blocks { result.append(", heads: \(hidden % 2 == 0 ? 4 : 7)") }
    if cell.hasRecurrentProducts { result.append(", drop_connect: 0.3") }
    return result
  }

  private static let directions: [(options: String, isEveryStep: Bool)] = [
    ("}", true), (", backward: true}, {pool: last}", false), (", bidirectional: true}, {pool: last}", false),
    (", bidirectional: true, merge: sum}", true), (", backward: true}", true),
  ]

  /// Graphs in ONNX Runtime: all directions in equal and ragged batches, and step by step.
  @Test(
    .enabled(if: Python.has("onnx", "onnxruntime", "h5py"), Python.missing), arguments: CellType.allCases,
    [7, 64, 300])
  func graphsGiveTheSame(_ cell: CellType, hidden: Int) throws {
    let folder = try TemporaryFolder()
    var models: [WrittenBlocks] = []
    for (number, variant) in Self.variants(of: cell, hidden: hidden).prefix(hidden == 300 ? 1 : .max)
      .enumerated()
    {
      for (place, direction) in Self.directions.enumerated() {
        let block = "{cell: \(cell), hidden: \(hidden)\(variant)\(direction.options)"
        let overrides =
          number % 2 == 1 && place > 0 ? ["model.initial_state=learned"] : []
        // Rectified states grow without bound otherwise.
        let made = try BlockNetwork(
          "[\(block)]", overrides: overrides, bound: 1 / Float(hidden).squareRoot())
        for kind in ["equal", "ragged"] + (place == 0 ? ["steps"] : []) {
          let name = "\(number)-\(place)-\(kind)"
          try WrittenBlocks.write(made, name, isRagged: kind == "ragged", in: folder)
          let options = ExportOptions(isRagged: kind == "ragged", isStreaming: kind == "steps")
          try InterchangeFormat.onnx.write(
            made.network, options: options, to: folder.file("\(name).onnx"), source: "test")
          models.append(
            WrittenBlocks(
              format: kind == "steps" ? "onnx-streaming" : "onnx", file: "\(name).onnx",
              case: "\(name).case", ragged: kind == "ragged",
              steps: direction.isEveryStep ? "every-step" : "last-step", tokens: 0))
        }
      }
    }
    try WrittenBlocks.check(models, in: folder)
  }

  /// Programs that define what `torch.nn` does not have.
  @Test(
    .enabled(if: InteropPython.path != nil, "WEFT_INTEROP_PYTHON names no Python; 'make interop' sets one up")
  )
  func programsGiveTheSame() throws {
    let folder = try TemporaryFolder()
    var models: [WrittenBlocks] = []
    for cell in CellType.allCases {
      for (number, variant) in Self.variants(of: cell, hidden: 7).enumerated() {
        for (place, direction) in Self.directions.enumerated() {
          let block = "{cell: \(cell), hidden: 7\(variant)\(direction.options)"
          let made = try BlockNetwork(
            "[\(block)]", overrides: (number + place) % 2 == 1 ? ["model.initial_state=learned"] : [])
          let isRagged = place % 2 == 1
          let name = "\(cell)-\(number)-\(place)"
          try WrittenBlocks.write(made, name, isRagged: isRagged, in: folder)
          try InterchangeFormat.safetensors.write(
            made.network, options: ExportOptions(hasProgram: true), to: folder.file("\(name).safetensors"),
            source: "test")
          try InterchangeFormat.safetensors.writeProgram(
            made.network, to: folder.file("\(name).py"), weights: folder.file("\(name).safetensors"))
          models.append(
            WrittenBlocks(
              format: "torch-program", file: "\(name).safetensors", case: "\(name).case", ragged: isRagged,
              steps: direction.isEveryStep ? "every-step" : "last-step", tokens: 0))
        }
      }
    }
    try WrittenBlocks.check(models, in: folder, python: InteropPython.path ?? Python.path)
  }
}
