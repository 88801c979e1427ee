extension ONNXProtoNode {
  func attribute(_ name: String) -> ONNXProtoAttribute? { attributes.first { $0.name == name } }
  func integer(_ name: String) -> Int? { attribute(name).map { Int($0.integer) } }
  func integers(_ name: String) -> [Int]? { attribute(name).map { $0.integers.map(Int.init) } }
  func text(_ name: String) -> String? { attribute(name).map { String(decoding: $0.text, as: UTF8.self) } }
}
