import Foundation
import WeftBase

/// The initialization of a parameter. Random numbers come from a counter-based generator keyed by the seed and the
/// parameter's name, so adding a layer does not change the values of other layers.
package indirect enum InitialValues: Sendable, Equatable {
  case zero
  case constant(Float)
  /// Uniform in ±√(6 / (inputs + outputs)) for each gate (Glorot and Bengio 2010, equation 16).
  case glorot(gates: Int)
  /// Normal with variance 2 / inputs (He et al. 2015, equation 10).
  case he
  /// Uniform in ±1/√(columns of a gate).
  case inverseUnits(gates: Int)
  /// Uniform in ±1/√inputs.
  case inverseInputs
  /// Orthogonal matrix per gate; orthonormal rows or columns if it is not square (Saxe et al. 2014).
  case orthogonal(gates: Int)
  /// Normal with this standard deviation.
  case normal(standardDeviation: Float)
  /// Uniform between two bounds.
  case uniform(from: Float, to: Float)
  /// ln x for x uniform in (0, highest].
  case logarithm(upTo: Float)
  /// ln(−ln r) for r² uniform between two squares: exp(−exp(·)) is the modulus of a number that is uniform in a ring of
  /// the complex plane (Orvieto et al. 2023, lemma 3.2).
  case decay(from: Float, to: Float)
  /// ½ ln(1 − r²) for the moduli r = exp(−exp(·)) of another parameter's initial values.
  case decayScale(InitialValues, parameter: String)
  /// A number for each gate, such as 1 for the forget gate of an LSTM and 0 for the others (Gers et al. 2000; Jozefowicz
  /// et al. 2015).
  case gates([Float])
  /// Chrono initialization: for each unit a number of steps t, uniform in [1, longest − 1], and for each of its gates
  /// sign × ln t (Tallec & Ollivier 2018, equation 16).
  case timescales(signs: [Float], longest: Int)
}

extension InitialValues {
  /// The initial values, row-major `[rows, columns]`.
  package func values(rows: Int, columns: Int, key: RandomKey) -> [Float] {
    let random = RandomSequence(key: key)
    switch self {
    case .zero:
      return [Float](repeating: 0, count: rows * columns)
    case .constant(let value):
      return [Float](repeating: value, count: rows * columns)
    case .glorot(let gates):
      let limit = (6 / Double(rows + columns / gates)).squareRoot()
      return (0..<rows * columns).map { (2 * random.uniform($0) - 1) * Float(limit) }
    case .he:
      let standardDeviation = (2 / Double(rows)).squareRoot()
      return (0..<rows * columns).map { random.normal($0) * Float(standardDeviation) }
    case .inverseUnits(let gates):
      let limit = 1 / Double(columns / gates).squareRoot()
      return (0..<rows * columns).map { (2 * random.uniform($0) - 1) * Float(limit) }
    case .inverseInputs:
      let limit = 1 / Double(rows).squareRoot()
      return (0..<rows * columns).map { (2 * random.uniform($0) - 1) * Float(limit) }
    case .normal(let standardDeviation):
      return (0..<rows * columns).map { random.normal($0) * standardDeviation }
    case .uniform(let lower, let upper):
      return (0..<rows * columns).map { lower + random.uniform($0) * (upper - lower) }
    case .logarithm(let highest):
      return (0..<rows * columns).map { Float(log((Double(random.uniform($0)) + 0x1p-25) * Double(highest))) }
    case .decay(let lower, let upper):
      let (first, last) = (Double(lower) * Double(lower), Double(upper) * Double(upper))
      return (0..<rows * columns).map {
        Float(log(-0.5 * log(first + Double(random.uniform($0)) * (last - first))))
      }
    case .decayScale(let decay, let parameter):
      let other = RandomKey(
        seed: key.seed, purpose: RandomPurpose.initialization(parameter), step: key.step)
      return decay.values(rows: rows, columns: columns, key: other).map {
        Float(0.5 * log(1 - exp(-2 * exp(Double($0)))))
      }
    case .gates(let values):
      let width = columns / values.count
      return (0..<rows * columns).map { values[$0 % columns / width] }
    case .timescales(let signs, let longest):
      let width = columns / signs.count
      return (0..<rows * columns).map { place in
        let unit = place % columns % width
        return signs[place % columns / width] * log(1 + random.uniform(unit) * Float(longest - 2))
      }
    case .orthogonal(let gates):
      let width = columns / gates
      let vectors = InitialValues.orthonormalVectors(gates: gates, rows: rows, columns: width, random: random)
      return (0..<rows * columns).map { place in
        let (row, gate, column) = (place / columns, place % columns / width, place % columns % width)
        return Float(rows >= width ? vectors[column][row][gate] : vectors[row][column][gate])
      }
    }
  }

  /// Gram–Schmidt orthogonalization, twice for accuracy, over the shorter side of each gate's matrix of normal numbers.
  ///
  /// - Parameter columns: Columns per gate.
  /// - Returns: Vectors along the longer side; each element contains one value per gate.
  private static func orthonormalVectors(
    gates: Int, rows: Int, columns: Int, random: RandomSequence
  ) -> [[SIMD4<Double>]] {
    precondition(gates <= SIMD4<Double>.scalarCount)
    let length = max(rows, columns)
    var vectors = (0..<min(rows, columns)).map { vector in
      (0..<length).map { element in
        var values = SIMD4<Double>.zero
        for gate in 0..<gates {
          values[gate] = Double(random.normal(gate * rows * columns + vector * length + element))
        }
        // SIMD lanes without a gate repeat the last one, since a zero vector cannot be normalized.
        for lane in gates..<values.scalarCount { values[lane] = values[gates - 1] }
        return values
      }
    }
    for index in vectors.indices {
      var vector = vectors[index]
      for _ in 0..<2 {
        for earlier in vectors[..<index] {
          var product = SIMD4<Double>.zero
          for element in 0..<length { product += vector[element] * earlier[element] }
          for element in 0..<length { vector[element] -= product * earlier[element] }
        }
      }
      let norm = vector.reduce(.zero) { $0 + $1 * $1 }.squareRoot()
      vectors[index] = vector.map { $0 / norm }
    }
    return vectors
  }
}
