import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftLayers
@testable import WeftModels

@Suite("Initial values") struct InitialValuesTests {
  static let key = RandomKey(seed: 7, purpose: 9)

  static func variance(_ values: [Float]) -> Double {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    return values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
  }

  @Test(
    "Each gate is orthogonal along its shorter side",
    arguments: [(1, 1, 1), (5, 5, 4), (17, 17, 3), (9, 4, 2), (4, 9, 2), (40, 40, 1)])
  func orthogonal(rows: Int, width: Int, gates: Int) {
    let columns = gates * width
    let values = InitialValues.orthogonal(gates: gates).values(rows: rows, columns: columns, key: Self.key)
    for gate in 0..<gates {
      func element(_ row: Int, _ column: Int) -> Double {
        Double(values[row * columns + gate * width + column])
      }
      let isTall = rows >= width
      for first in 0..<min(rows, width) {
        for second in 0..<min(rows, width) {
          let product = (0..<max(rows, width)).reduce(0.0) { sum, index in
            sum
              + (isTall
                ? element(index, first) * element(index, second)
                : element(first, index) * element(second, index))
          }
          #expect(abs(product - (first == second ? 1 : 0)) < 1e-6)
        }
      }
    }
    if gates > 1, rows > 1 {
      let gatesDiffer = (0..<rows).contains { values[$0 * columns] != values[$0 * columns + width] }
      #expect(gatesDiffer)
    }
  }

  @Test("Glorot's values are uniform with variance 2 / (inputs + outputs) of a gate")
  func glorot() {
    let (rows, width, gates) = (60, 100, 4)
    let values = InitialValues.glorot(gates: gates).values(rows: rows, columns: gates * width, key: Self.key)
    let limit = (6 / Float(rows + width)).squareRoot()
    #expect(values.allSatisfy { abs($0) <= limit })
    #expect(values.max()! > 0.99 * limit && values.min()! < -0.99 * limit)
    // 24,000 numbers: the estimate's standard deviation is 0.6%.
    #expect(abs(Self.variance(values) * Double(rows + width) / 2 - 1) < 0.03)
  }

  /// Variances of PyTorch's `nn.LSTM(64, 100)`, `nn.Linear(64, 100)` and `nn.Embedding`, and of Keras's `Embedding`.
  @Test("Values as PyTorch and Keras have them")
  func asElsewhere() {
    for (values, limit) in [
      (Initialization.pytorch.values(gates: 4, isOfCell: true), 0.1),
      (Initialization.pytorch.values(gates: 1), 0.125),
      (EmbeddingInitialization.uniform.values(size: 9), 0.05),
    ] {
      let found = values.values(rows: 64, columns: 400, key: Self.key)
      #expect(found.allSatisfy { abs(Double($0)) <= limit + 1e-7 })
      #expect(abs(Self.variance(found) * 3 / (limit * limit) - 1) < 0.03)
    }
    let normal = EmbeddingInitialization.normal.values(size: 9).values(rows: 64, columns: 400, key: Self.key)
    #expect(abs(Self.variance(normal) - 1) < 0.03)
  }

  @Test("He's values are normal with variance 2 / inputs")
  func he() {
    let values = InitialValues.he.values(rows: 64, columns: 400, key: Self.key)
    #expect(abs(Self.variance(values) * 64 / 2 - 1) < 0.04)
    let inside = values.filter { abs($0) < (2 / Float(64)).squareRoot() }.count
    #expect(abs(Double(inside) / Double(values.count) - 0.6827) < 0.015)
  }

  @Test("Only an LSTM's forget gate starts at the forget bias")
  func forgetBias() throws {
    var layout = ParameterLayout()
    var options = RecurrentLayerOptions(kind: .lstm, hiddenSize: 5)
    options.forgetBias = 1.5
    _ = RecurrentLayer(
      path: "l", inputSize: 3, options: options, direction: .forward, purpose: 0, layout: &layout)
    let bias = try #require(layout.parameters.first { $0.name == "l/bias" })
    let values = bias.initialization.values(rows: bias.rows, columns: bias.columns, key: Self.key)
    // Gates i, f, g, o.
    let zeros = [Float](repeating: 0, count: 5)
    #expect(values == zeros + [Float](repeating: 1.5, count: 5) + zeros + zeros)
  }

  /// Without input, gates are σ(b): an LSTM keeps f and adds i, a GRU adds z.
  @Test(
    "With a memory span units keep their states for between 1 and as many steps",
    arguments: [
      (CellType.lstm, 4), (.gru, 3), (.gruResetAfter, 3), (.minGRU, 2),
    ])
  func memorySpan(kind: CellType, gates: Int) throws {
    let (units, span) = (400, 50)
    var layout = ParameterLayout()
    var options = RecurrentLayerOptions(kind: kind, hiddenSize: units)
    options.memorySpan = span
    _ = RecurrentLayer(
      path: "l", inputSize: 3, options: options, direction: .forward, purpose: 0, layout: &layout)
    let bias = try #require(layout.parameters.first { $0.name == "l/bias" })
    let values = bias.initialization.values(rows: bias.rows, columns: bias.columns, key: Self.key)
    #expect(values.count == gates * units)
    let taken = values[..<units].map { 1 / (1 + exp(-Double($0))) }
    if kind == .lstm {
      for unit in 0..<units { #expect(values[units + unit] == -values[unit]) }
      #expect(values[(2 * units)...].allSatisfy { $0 == 0 })
    } else {
      #expect(values[units...].allSatisfy { $0 == 0 })
    }
    // A state that decays by 1 / (1 + t) per step: t is uniform from 1 to 49.
    let spans = taken.map { 1 / $0 - 1 }
    #expect(spans.min()! > 0.99 && spans.min()! < 2 && spans.max()! < 49.01 && spans.max()! > 48)
    #expect(abs(spans.reduce(0, +) / Double(units) - 25) < 2.5)
  }

  @Test("The eigenvalues of an LRU lie in a ring, and inputs are scaled to them")
  func ring() throws {
    var layout = ParameterLayout()
    let options = RecurrentLayerOptions(kind: .lru, hiddenSize: 3000)
    _ = RecurrentLayer(
      path: "l", inputSize: 3, options: options, direction: .forward, purpose: 0, layout: &layout)
    func values(_ name: String) throws -> [Double] {
      let parameter = try #require(layout.parameters.first { $0.name == name })
      let key = RandomKey(seed: 9, purpose: RandomPurpose.initialization(name), step: 0)
      return parameter.initialization.values(rows: parameter.rows, columns: parameter.columns, key: key)
        .map(Double.init)
    }
    let squares = try values("l/log_nu").map { exp(-2 * exp($0)) }
    #expect(squares.allSatisfy { $0 > 0.2499 && $0 < 0.9802 })
    // Uniform between ¼ and 0.99².
    let meanSquare: Double = squares.reduce(0, +) / 3000
    #expect(abs(meanSquare - 0.61505) < 0.02)
    for (square, scale) in zip(squares, try values("l/log_gamma")) {
      let sum: Double = exp(2 * scale) + square
      #expect(abs(sum - 1) < 1e-5)
    }
    let angles = try values("l/log_theta").map { exp($0) }
    #expect(angles.allSatisfy { $0 > 0 && $0 < 6.2832 })
    let meanAngle: Double = angles.reduce(0, +) / 3000
    #expect(abs(meanAngle - .pi) < 0.2)
  }

  @Test("Cosines and sines are those of the platform's library")
  func circle() {
    for angle in [0, 1e-9, 0.5, .pi / 4, 1, .pi / 2, 3, .pi, 4, 6.28, 100, 12345.678, 9e7] as [Double] {
      let point = UnitCircle(angle: angle)
      let distance = max(abs(point.cosine - cos(angle)), abs(point.sine - sin(angle)))
      #expect(distance < 1e-14, "\(angle)")
    }
    #expect(UnitCircle(angle: .infinity).cosine.isNaN && UnitCircle(angle: .nan).sine.isNaN)
  }

  @Test("A parameter's initial values depend only on the seed and its name")
  func independence() throws {
    var configuration = ModelConfiguration()
    configuration.hidden = 6
    let shape = ModelShape(input: .features(3), outputs: 2)
    let small = SequenceModel(configuration, shape: shape)
    configuration.layers = 2
    configuration.layerNormalization = true
    let large = SequenceModel(configuration, shape: shape)
    let values = [small, large].map { model in
      let flat = model.initialParameters(seed: 5)
      return Dictionary(
        uniqueKeysWithValues: model.layout.parameters.map { ($0.name, flat.values(of: $0)) })
    }
    for (name, elements) in values[0] { #expect(values[1][name] == elements, "\(name)") }
    let other = small.initialParameters(seed: 6)
    #expect(other.values != small.initialParameters(seed: 5).values)
  }
}
