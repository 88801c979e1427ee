import Interchange
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftLayers

/// Written models are read back unchanged.
@Suite struct RoundTripTests {
  @Test(arguments: NetworkCase.all)
  func throughEveryFormat(_ networkCase: NetworkCase) throws {
    let folder = try TemporaryFolder()
    let network = networkCase.network
    for format in InterchangeFormat.allCases where format.holds(networkCase) {
      let path = folder.file(format == .kerasWeights ? "model.weights.h5" : "model.\(format)")
      try format.write(network, to: path, source: "network")
      #expect(try InterchangeFormat(of: path) == format, "\(format)")
      let hints = NetworkHints(cell: networkCase.cell, outputSteps: networkCase.steps)
      #expect(try format.read(path, hints: hints).network == network, "\(format)")
    }
    guard InterchangeFormat.keras.holds(networkCase) else { return }
    // Beside the archive of Keras 3.
    let path = folder.file("model.h5")
    try InterchangeFormat.keras.write(network, to: path, source: "network")
    #expect(
      try InterchangeFormat(of: path) == .keras && InterchangeFormat.keras.read(path).network == network)
  }

  /// Networks that have no recurrent layer.
  @Test(arguments: [
    ("[{convolution: 6, width: 3, activation: relu}, {pool: maximum}, {dense: 4, activation: tanh}]", nil),
    ("[{dense: 6, activation: relu}, {convolution: 3, width: 3}, {pool: mean}]", 11),
  ])
  func withoutRecurrence(_ blocks: String, tokens: Int?) throws {
    let folder = try TemporaryFolder()
    let network = try BlockNetwork(blocks, tokens: tokens).network
    let hints = NetworkHints(blocks: network.blocks.map(\.configuration))
    for (format, name) in [
      (InterchangeFormat.keras, "m.keras"), (.keras, "m.h5"), (.pytorch, "m-torch.h5"),
      (.safetensors, "m.safetensors"),
      (.onnx, "m.onnx"),
    ] {
      try format.write(network, to: folder.file(name), source: "network")
      #expect(try format.read(folder.file(name), hints: hints).network == network, "\(name)")
    }
  }

  @Test(arguments: [true, false])
  func withPaddingForRaggedBatches(readsTokens: Bool) throws {
    let folder = try TemporaryFolder()
    let network = NetworkCase(cell: .lstm, isBidirectional: true, levels: 2, readsTokens: readsTokens).network
    for format in [InterchangeFormat.keras, .kerasWeights, .onnx] {
      let path = folder.file("model.\(format)")
      // Only in Weft's own files is a last row of zeros known to be padding.
      let metadata = NetworkMetadata(["weft_version": "0"])
      try format.write(
        network, metadata: metadata, options: ExportOptions(isRagged: true), to: path, source: "network")
      let back = try format.read(path, hints: NetworkHints(outputSteps: .everyStep)).network
      if format == .kerasWeights, readsTokens {
        // Without layers, the file does not specify that the last token is padding.
        #expect(back.embedding?.prefix(NetworkCase.tokens) == network.embedding)
      } else {
        #expect(back == network)
      }
    }
  }

  @Test func metadataComeThrough() throws {
    let folder = try TemporaryFolder()
    let network = NetworkCase(cell: .gruResetAfter).network
    var metadata = NetworkMetadata(["weft_version": "0", "weft_vocabulary": "naïve 🧵"])
    for format in InterchangeFormat.allCases {
      let path = folder.file("model.\(format)")
      try format.write(network, metadata: metadata, to: path, source: "network")
      #expect(try format.read(path).metadata == metadata)
    }
    metadata = NetworkMetadata(["other": "x"])
    #expect(metadata.entries.isEmpty)
  }

  @Test func learnedFirstStatesGoThroughONNXAlone() throws {
    let folder = try TemporaryFolder()
    for cell in CellType.allCases where cell.foreign[.onnx] != nil {
      let network = NetworkCase(cell: cell, isBidirectional: true, levels: 2, learnsInitialState: true)
        .network
      let path = folder.file("\(cell).onnx")
      try InterchangeFormat.onnx.write(network, to: path, source: "network")
      #expect(try InterchangeFormat.onnx.read(path).network == network)
    }
    let network = NetworkCase(cell: .lstm, learnsInitialState: true).network
    for format in InterchangeFormat.allCases where format != .onnx {
      #expect(throws: WeftError.self) {
        try format.write(network, to: folder.file("x.h5"), source: "network")
      }
    }
  }

  @Test func oneHotTokensBecomeAnEmbeddingOfOnes() throws {
    let folder = try TemporaryFolder()
    var network = NetworkCase(cell: .gruResetAfter).network
    network.input = .tokens(NetworkCase.features)
    let sequences = Sequences(for: network, isRagged: true)
    for format in InterchangeFormat.allCases {
      let path = folder.file("model.\(format)")
      try format.write(network, to: path, source: "network")
      let back = try format.read(path).network
      #expect(back.embedding == .identity(NetworkCase.features))
      #expect(maximumDifference(try back.outputs(sequences), try network.outputs(sequences)) < 1e-6)
    }
  }
}

extension InterchangeFormat {
  /// Whether the format's program supports the cell.
  func holds(_ networkCase: NetworkCase) -> Bool {
    let program: ForeignProgram =
      switch self {
      case .keras, .kerasWeights: .keras
      case .pytorch, .safetensors: .pytorch
      case .onnx: .onnx
      }
    return networkCase.cell.foreign[program] != nil
  }
}
