import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

@testable import WeftBase

/// Keras models of many kinds of layers, with the outputs of Keras (`Fixtures/README.md`).
@Suite struct ForeignStackTests {
  private static let folder = "\(Bundle.module.bundlePath)/Fixtures/stacks"

  static func names() -> [String] {
    (try? File(opening: "\(folder)/expected.h5").root.children.map(\.name)) ?? []
  }

  @Test func allAreThere() { #expect(Self.names().count >= 17) }

  @Test(arguments: names())
  func givesTheSame(_ name: String) throws {
    let file = try File(opening: "\(Self.folder)/expected.h5")
    let model = try ForeignModel(file.group(name), folder: Self.folder)
    #expect(try model.difference() < InteropTests.tolerance)
  }

  @Test func anExportThatCannotRepresentBlocksIsRefused() throws {
    let path = "\(Self.folder)/batch-normalization.keras"
    let network = try InterchangeFormat.keras.read(path).network
    #expect(network.blocks.count == 4 && network.activation == .softmax)
    let error = #expect(throws: WeftError.self) {
      try InterchangeFormat.onnx.write(network, to: "/dev/null", source: "network")
    }
    #expect(error?.message.contains("only equal recurrent layers") == true)
  }

  /// A file of weights does not tell what comes between two dense layers.
  @Test func denseLayersWithoutActivationsAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("stack.weights.h5")
    let file = try File(creating: path)
    func write(_ name: String, _ shapes: [[Int]]) throws {
      for (number, shape) in shapes.enumerated() {
        let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
        try file.requireGroup("layers/\(name)/vars").write(String(number), values, shape: shape)
      }
    }
    try write("lstm/cell", [[3, 8], [2, 8], [8]])
    try write("dense", [[2, 4], [4]])
    try write("dense_1", [[4, 2], [2]])
    try file.close()
    let error = #expect(throws: WeftError.self) { try InterchangeFormat.kerasWeights.read(path) }
    #expect(
      error?.message.contains("layer 'dense_1': comes after 'dense', whose activation a file of weights")
        == true,
      "\(error?.message ?? "")")
  }
}
