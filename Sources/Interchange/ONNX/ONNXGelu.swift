/// Finds GELU where exporters write its equation, x · (1 + erf(x / √2)) / 2, and puts one operator in its place.
struct ONNXGelu {
  private let nodes: [ONNXProtoNode]
  /// Places of the operators that make a value, and that read it.
  private var maker: [String: Int] = [:]
  private var readers: [String: [Int]] = [:]
  /// The only number of a constant.
  private let number: (String) -> Double?

  /// - Parameter number: The value of a constant of one element, by its name; nil for others.
  init(_ nodes: [ONNXProtoNode], number: @escaping (String) -> Double?) {
    self.nodes = nodes
    self.number = number
    for (place, node) in nodes.enumerated() {
      for output in node.outputs { maker[output] = place }
      for input in node.inputs { readers[input, default: []].append(place) }
    }
  }

  /// The operators, with `Gelu` for those that compute it.
  var fused: [ONNXProtoNode] {
    var result = nodes
    var removed: Set<Int> = []
    for (place, node) in nodes.enumerated() where node.operatorName == "Erf" {
      guard let found = equation(around: place) else { continue }
      removed.formUnion(found.places)
      var gelu = ONNXProtoNode()
      gelu.operatorName = "Gelu"
      gelu.name = node.name
      gelu.inputs = [found.input]
      gelu.outputs = [found.output]
      removed.remove(found.last)
      result[found.last] = gelu
    }
    return result.indices.filter { !removed.contains($0) }.map { result[$0] }
  }

  /// The operators of an equation.
  private struct Equation {
    var input: String
    var output: String
    var places: Set<Int>
    var last: Int
  }

  private func equation(around erf: Int) -> Equation? {
    guard let argument = nodes[erf].inputs.first, let scaling = maker[argument],
      let input = scaled(nodes[scaling], by: Double(0.5).squareRoot()),
      let sum = onlyReader(of: erf), nodes[sum].operatorName == "Add",
      isConstant(1, in: nodes[sum], besides: nodes[erf].outputs[0])
    else { return nil }
    var share = sum
    var places: Set = [erf, sum]
    // What others read as well stays.
    if onlyReader(of: scaling) == erf { places.insert(scaling) }
    // The half may be a factor of the sum, of x, or of their product.
    if let half = onlyReader(of: sum), scaled(nodes[half], by: 0.5) == nodes[sum].outputs[0] {
      share = half
      places.insert(half)
    }
    guard let product = onlyReader(of: share), nodes[product].operatorName == "Mul",
      nodes[product].outputs.count == 1,
      let factor = nodes[product].inputs.first(where: { $0 != nodes[share].outputs[0] })
    else { return nil }
    places.insert(product)
    if share != sum {
      guard factor == input else { return nil }
      return Equation(input: input, output: nodes[product].outputs[0], places: places, last: product)
    }
    if let half = maker[factor], factor != input, scaled(nodes[half], by: 0.5) == input {
      if onlyReader(of: half) == product { places.insert(half) }
      return Equation(input: input, output: nodes[product].outputs[0], places: places, last: product)
    }
    guard factor == input, let half = onlyReader(of: product),
      scaled(nodes[half], by: 0.5) == nodes[product].outputs[0]
    else { return nil }
    places.insert(half)
    return Equation(input: input, output: nodes[half].outputs[0], places: places, last: half)
  }

  private func onlyReader(of place: Int) -> Int? {
    guard nodes[place].outputs.count == 1, let all = readers[nodes[place].outputs[0]], all.count == 1 else {
      return nil
    }
    return all[0]
  }

  /// What an operator multiplies by a factor; nil for other operators.
  private func scaled(_ node: ONNXProtoNode, by factor: Double) -> String? {
    guard node.inputs.count == 2, node.outputs.count == 1 else { return nil }
    func isNear(_ name: String, _ value: Double) -> Bool {
      number(name).map { abs($0 - value) < 1e-5 } ?? false
    }
    switch node.operatorName {
    case "Div": return isNear(node.inputs[1], 1 / factor) ? node.inputs[0] : nil
    case "Mul":
      if isNear(node.inputs[1], factor) { return node.inputs[0] }
      return isNear(node.inputs[0], factor) ? node.inputs[1] : nil
    default: return nil
    }
  }

  private func isConstant(_ value: Double, in node: ONNXProtoNode, besides other: String) -> Bool {
    node.inputs.count == 2 && node.inputs.contains(other)
      && node.inputs.contains { $0 != other && number($0) == value }
  }
}
