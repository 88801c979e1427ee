import Foundation
import HDF5
import TestSupport
import Testing
import WeftBase

@testable import Interchange

/// Files that claim absurd numbers, or stand for far more than they contain.
@Suite struct HostileModelTests {
  private func expectRefusal(
    _ complaint: String, _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do {
      try body()
      Issue.record("not refused", sourceLocation: sourceLocation)
    } catch { #expect("\(error)".contains(complaint), "\(error)", sourceLocation: sourceLocation) }
  }

  // MARK: - ONNX

  private static func node(
    _ name: String, _ inputs: [String], _ output: String, _ attributes: [ONNXProtoAttribute] = []
  ) -> ONNXProtoNode {
    var node = ONNXProtoNode()
    (node.operatorName, node.inputs, node.outputs, node.attributes) = (name, inputs, [output], attributes)
    return node
  }

  private static func integers(_ name: String, _ values: [Int64]) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute()
    (attribute.name, attribute.integers) = (name, values)
    return attribute
  }

  /// Reads a graph of constants and operators on them, and on the input `x` of three axes.
  private func read(_ tensors: [ONNXProtoTensor], _ nodes: [ONNXProtoNode]) throws {
    try TemporaryFolder.use { folder in
      var model = ONNXProtoModel()
      model.irVersion = 7
      model.graph.initializers = tensors
      model.graph.nodes = nodes
      var input = ONNXProtoValue()
      input.name = "x"
      input.type.tensor.shape.dimensions = [ONNXProtoDimension](repeating: ONNXProtoDimension(), count: 3)
      model.graph.inputs = [input]
      let path = folder.appending(path: "x.onnx").path
      try model.serializedData().write(to: URL(filePath: path))
      _ = try InterchangeFormat.onnx.read(path)
    }
  }

  private static let matrix = ONNXProtoTensor("w", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])

  @Test(arguments: [
    [-1, 1 << 40, 1 << 40], [-1, -1, -1], [.min, .min], [.max, .max, 0], [1 << 40, 0], [-1, 0, 0],
    [0, 0, 0, 0, 0, -1],
    [-2, -3], [-1, 7],
  ]) func shapesOfAnyNumbers(_ shape: [Int]) {
    for input in ["w", "x"] {
      expectRefusal("x.onnx") {
        try read(
          [Self.matrix, ONNXProtoTensor("s", integers: shape)], [Self.node("Reshape", [input, "s"], "y")])
      }
    }
  }

  @Test(arguments: [
    [-1, -1, -1], [0, 0], [.min], [.max], [9, -9], [Int](0..<9), [Int](repeating: 0, count: 100_000),
  ]) func axesOfAnyNumbers(_ axes: [Int]) {
    for (name, input) in [("Unsqueeze", "w"), ("Squeeze", "w"), ("Unsqueeze", "x"), ("Squeeze", "x")] {
      expectRefusal("x.onnx") {
        try read(
          [Self.matrix], [Self.node(name, [input], "y", [Self.integers("axes", axes.map(Int64.init))])])
      }
    }
  }

  @Test(arguments: [
    ("Transpose", "perm"), ("Gather", "axis"), ("Softmax", "axis"), ("Flatten", "axis"), ("Concat", "axis"),
    ("Gemm", "transB"), ("LSTM", "hidden_size"), ("Slice", "axes"),
  ]) func attributesOfAnyNumbers(_ name: String, _ attribute: String) {
    for value in [Int64.min, .max, -1, 1 << 40] {
      for input in ["w", "x"] {
        var single = Self.integers(attribute, [value, value])
        single.integer = value
        expectRefusal("x.onnx") {
          try read([Self.matrix], [Self.node(name, [input, "w", "w"], "y", [single])])
        }
      }
    }
  }

  /// Without elements, but with rows: loops over them would never end.
  @Test func tensorsWithoutElements() {
    let empty = ONNXProtoTensor("w", shape: [1 << 40, 0], floats: [])
    for name in ["Transpose", "MatMul", "Gemm", "Gather", "LSTM"] {
      expectRefusal("x.onnx") { try read([empty], [Self.node(name, ["w", "w", "w"], "y")]) }
      expectRefusal("x.onnx") { try read([empty], [Self.node(name, ["x", "w", "w"], "y")]) }
    }
  }

  /// Each doubles the previous one; each transposes it again; each adds an axis.
  @Test func chainsOfOperators() {
    expectRefusal("x.onnx") {
      try read(
        [],
        [Self.node("Shape", ["x"], "s0")]
          + (0..<60).map { Self.node("Concat", ["s\($0)", "s\($0)"], "s\($0 + 1)") })
    }
    expectRefusal("x.onnx") {
      try read(
        [ONNXProtoTensor("one", integers: [0])],
        [Self.node("Shape", ["x"], "s"), Self.node("Gather", ["s", "one"], "s0")]
          + (0..<60).map { Self.node("Mul", ["s\($0)", "s\($0)"], "s\($0 + 1)") })
    }
    expectRefusal("x.onnx") {
      try read(
        [],
        [Self.node("Unsqueeze", ["x"], "x0", [Self.integers("axes", [0])])]
          + (0..<100_000).map {
            Self.node("Unsqueeze", ["x\($0)"], "x\($0 + 1)", [Self.integers("axes", [0])])
          })
    }
    let large = ONNXProtoTensor("w", shape: [1000, 1000], floats: [Float](repeating: 1, count: 1_000_000))
    expectRefusal("unpacks to more than") {
      try read([large], (0..<1000).map { Self.node("Transpose", ["w"], "y\($0)") })
    }
  }

  @Test func emptyNodesAreCounted() throws {
    // Two bytes each in the file.
    let nodes = (0..<3_000_000).flatMap { _ in [0x0A, 0x00] as [UInt8] }
    var length: [UInt8] = []
    var rest = nodes.count
    while rest > 0x7F {
      length.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    try TemporaryFolder.use { folder in
      let path = folder.appending(path: "x.onnx").path
      try Data([0x08, 7, 0x3A] + length + [UInt8(rest)] + nodes).write(to: URL(filePath: path))
      expectRefusal("objects") { _ = try InterchangeFormat.onnx.read(path) }
    }
  }

  // MARK: - State dictionaries

  private func read(safetensors header: String, _ body: [UInt8]) throws {
    try TemporaryFolder.use { folder in
      let path = folder.appending(path: "x.safetensors").path
      let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      try (length + Data(header.utf8) + Data(body)).write(to: URL(filePath: path))
      _ = try InterchangeFormat.safetensors.read(path)
    }
  }

  @Test func entriesMustNotOverlap() {
    let body = [UInt8](repeating: 0, count: 64)
    func entry(_ name: String, _ lower: Int, _ upper: Int) -> String {
      #""\#(name)":{"dtype":"F32","shape":[\#((upper - lower) / 4)],"data_offsets":[\#(lower),\#(upper)]}"#
    }
    for ranges in [[(0, 64), (0, 64)], [(0, 32), (28, 64)], [(0, 64), (16, 20)]] {
      expectRefusal("overlap") {
        let entries = ranges.enumerated().map { entry("a\($0)", $1.0, $1.1) }
        try read(safetensors: "{\(entries.joined(separator: ","))}", body)
      }
    }
    expectRefusal("no weight_ih_l0") {
      try read(safetensors: "{\(entry("a", 0, 32)),\(entry("b", 32, 64))}", body)
    }
  }

  @Test func headersOfAnyJSON() {
    for text in [
      String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 200_000),
      "{\"a\":[" + String(repeating: "[],", count: 4_000_000) + "[]]}", "{\"a\":1,\"a\":2}", "{\"a\":1e400}",
      "{\"a\":+1}",
      "{\"a\":\"\\ud800\"}", "{\"a\":nan}", "{\"a\":1}x",
    ] { expectRefusal("not a JSON object") { try read(safetensors: text, []) } }
    #expect(
      JSONValue(parsing: #" {"a\u00e9\ud83d\ude00" : [1, -2.5e1, true, null, "\n\/"]} "#.utf8)
        == ["aé😀": [1, .number(-25), true, nil, "\n/"]])
  }

  @Test func matricesWithoutElements() {
    expectRefusal("expected a matrix") {
      let entry = { (name: String) in
        #""\#(name)":{"dtype":"F32","shape":[1099511627776,0],"data_offsets":[0,0]}"#
      }
      try read(safetensors: "{\(entry("weight_ih_l0")),\(entry("weight_hh_l0"))}", [])
    }
  }

  @Test func metadataOfAliases() {
    let yaml = "a0: &a0 [x]\\n" + (1...9).map { "a\($0): &a\($0) [*a\($0 - 1),*a\($0 - 1)]\\n" }.joined()
    expectRefusal("more than 8 aliases") {
      try read(safetensors: "{\"__metadata__\":{\"weft_configuration\":\"\(yaml)\"}}", [])
    }
  }

  // MARK: - HDF5

  @Test func namesOfOneArray() throws {
    try TemporaryFolder.use { folder in
      let path = folder.appending(path: "x.weights.h5").path
      let file = try File(creating: path)
      try file.attributes.set("layer_names", to: [String](repeating: "lstm", count: 3000))
      let group = try file.createGroup("lstm")
      try group.attributes.set("weight_names", to: ["kernel"])
      try file.write("lstm/kernel", [Float](repeating: 1, count: 12), shape: [3, 4])
      try file.close()
      expectRefusal("names 'lstm' twice") { _ = try InterchangeFormat.kerasWeights.read(path) }
    }
  }

  @Test(.enabled(if: Python.has("h5py", "numpy"), Python.missing)) func linksToOneArray() throws {
    try TemporaryFolder.use { folder in
      let path = folder.appending(path: "x.h5").path
      let script = """
        import h5py, numpy
        with h5py.File('\(path)', 'w') as f:
            f['a0'] = numpy.random.default_rng(1).standard_normal(250000).astype('f4')
            for i in range(3000): f['a%d' % (i + 1)] = f['a0']
        """
      let status = try Python.run(script).status
      #expect(status == 0)
      expectRefusal("unpacks to more than") { _ = try InterchangeFormat.pytorch.read(path) }
    }
  }
}
