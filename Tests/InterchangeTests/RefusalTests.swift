import Foundation
import HDF5
import Interchange
import TestSupport
import Testing

/// Unsupported models are rejected with one line that names the reason.
@Suite struct RefusalTests {
  private func bytes(_ header: String, _ body: [UInt8] = []) -> Data {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + Data(body)
  }

  @Test func safetensorsThatLie() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.safetensors")
    for (contents, complaint) in [
      (Data([1, 2, 3]), "ends before its header"),
      (bytes("{}").dropLast(1), "header claims 2 bytes"),
      (withUnsafeBytes(of: UInt64.max) { Data($0) } + Data("{}".utf8), "header claims"),
      (bytes("[]"), "not a JSON object"),
      (bytes(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#), "lacks the position of 'a'"),
      (
        bytes(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, [UInt8](repeating: 0, count: 8)),
        "not match its shape"
      ),
      (
        bytes(
          #"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#, [UInt8](repeating: 0, count: 8)),
        "not match its shape"
      ),
      (
        bytes(
          #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#),
        "not match its shape"
      ),
      (bytes(#"{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, [0]), "F8_E4M3"),
      (
        bytes(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, [0, 0, 0, 0]),
        "lacks the position of 'a'"
      ),
    ] {
      try contents.write(to: URL(filePath: path))
      let message = errorMessage { _ = try InterchangeFormat.safetensors.read(path) }
      #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
    }
  }

  @Test func halvesAndDoublesAreRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x.safetensors")
    let body: [UInt8] =
      [0x00, 0x3C, 0x00, 0xC1, 0x80, 0x3F, 0x20, 0xC0] + withUnsafeBytes(of: 1.5) { Array($0) }
    try bytes(
      #"{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},"#
        + #""d":{"dtype":"F64","shape":[],"data_offsets":[8,16]},"n":{"dtype":"I64","shape":[0],"data_offsets":[16,16]},"#
        + #""__metadata__":{"format":"pt"}}"#, body
    ).write(to: URL(filePath: path))
    let dictionary = try StateDictionary(safetensors: path)
    #expect(dictionary.arrays["h"]?.values == [1, -2.5])
    #expect(dictionary.arrays["b"]?.values == [1, -2.5])
    #expect(dictionary.arrays["d"]?.values == [1.5])
    #expect(dictionary.arrays.count == 3)
    #expect(dictionary.metadata == ["format": "pt"])
  }

  @Test func stateDictionariesOfOtherNetworks() throws {
    typealias Array = StateDictionary.Array
    func array(_ shape: Int...) -> Array {
      Array(shape: shape, values: .init(repeating: 0, count: shape.reduce(1, *)))
    }
    let layer = ["rnn.weight_ih_l0": array(12, 5), "rnn.weight_hh_l0": array(12, 3)]
    for (arrays, complaint) in [
      ([:], "no weight_ih_l0"),
      (layer.merging(["rnn.weight_hr_l0": array(2, 3)]) { $1 }, "do not match"),
      (
        layer.merging(["conv.weight": array(2, 3, 3)]) { $1 },
        "does not tell what stands between 'conv' and 'rnn'; name all blocks with --set 'model.blocks="
      ),
      (
        layer.merging([
          "a.weight": array(2, 3), "a.bias": array(2), "b.weight": array(4, 3), "b.bias": array(4),
        ]) { $1 },
        "'a.weight' and 'b.weight' could each be the output layer; Weft's networks have one"
      ),
      (["weight_ih_l0": array(12, 5), "weight_hh_l0": array(12, 5)], "does not match LSTM, GRU or RNN"),
      (["weight_ih_l0": array(12, 5)], "'weight_hh_l0' is missing"),
      (layer.merging(["rnn.bias_ih_l0": array(3)]) { $1 }, "'rnn.bias_ih_l0' has the shape [3], not [12]"),
      (
        layer.merging(["rnn.weight_ih_l1": array(9, 4), "rnn.weight_hh_l1": array(9, 3)]) { $1 },
        "recurrent layer 2 has 4 inputs, expected 3"
      ),
    ] as [([String: Array], String)] {
      let message = errorMessage { _ = try StateDictionary(arrays).network(NetworkHints(), file: "x") }
      #expect(message.contains(complaint), "\(message)")
    }
  }

  /// Changes one text of the architecture and expects an error.
  @Test(arguments: [
    ("\"activation\":\"tanh\"", "\"activation\":\"mine\"", "activation 'mine' is not supported"),
    (
      "\"recurrent_activation\":\"sigmoid\"", "\"recurrent_activation\":\"gelu\"",
      "recurrent_activation 'gelu' is not supported"
    ),
    ("\"class_name\":\"LSTM\"", "\"class_name\":\"ConvLSTM1D\"", "ConvLSTM1D is not supported"),
    ("\"class_name\":\"Sequential\"", "\"class_name\":\"Mine\"", "unsupported model class Mine"),
    ("\"class_name\":\"LSTM\"", "\"class_name\":\"GRU\"", "has 4 gates, but gru has 3"),
    ("\"return_sequences\":true", "\"return_sequences\":true,\"go_backwards\":true", "reverses the steps"),
    ("{\"class_name\":\"Sequential\"", "{\"class_name\"", "invalid JSON"),
  ])
  func kerasModelsOfOtherLayers(_ old: String, _ new: String, _ complaint: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model.h5")
    try InterchangeFormat.keras.write(NetworkCase(cell: .lstm).network, to: path, source: "network")
    let file = try File(opening: path, mode: .readWrite)
    let text = try file.attributes.value("model_config", as: String.self)
    #expect(text.contains(old))
    try file.attributes.set("model_config", to: text.replacingOccurrences(of: old, with: new))
    try file.close()
    let message = errorMessage { _ = try InterchangeFormat.keras.read(path) }
    #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
  }

  @Test func filesOfNoFormat() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("x")
    try Data("no model at all".utf8).write(to: URL(filePath: path))
    #expect(errorMessage { _ = try InterchangeFormat.onnx.read(path) }.contains("is not an ONNX model"))
    #expect(errorMessage { _ = try InterchangeFormat(of: folder.file("y")) }.contains("No such file"))
  }
}
