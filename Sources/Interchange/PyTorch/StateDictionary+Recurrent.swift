import Foundation
import WeftBase
import WeftLayers

extension StateDictionary {
  /// Prefixes of recurrent modules, in the order of the network where the file tells it, otherwise of their names.
  var recurrentModules: [String] {
    let suffix = "weight_ih_l0"
    let found = Set(arrays.keys.filter { $0.hasLastComponent(suffix) })
    let known = order.filter(found.contains)
    let names = known.count == found.count ? known : found.sorted { $0.isNaturallyBefore($1) }
    return names.map { String($0.dropLast(suffix.count)) }
  }

  /// Takes the layers of recurrent modules.
  ///
  /// - Parameter cells: Those that the user names, which distinguish cells of the same weights.
  /// - Throws: If weights are missing, or do not match.
  func takeLevels(
    of modules: [String], from rest: inout [String: Array], _ cells: [CellType], file: String
  ) throws(WeftError) -> [StateLevel] {
    var levels: [StateLevel] = []
    for module in modules {
      var number = 0
      while rest["\(module)weight_ih_l\(number)"] != nil {
        var layers = [try takeLayer(module, "l\(number)", from: &rest, cells, file: file)]
        if rest["\(module)weight_ih_l\(number)_reverse"] != nil {
          layers.append(try takeLayer(module, "l\(number)_reverse", from: &rest, cells, file: file))
        }
        levels.append(StateLevel(module: module, layers: layers))
        number += 1
      }
    }
    return levels
  }

  private func takeLayer(
    _ module: String, _ suffix: String, from rest: inout [String: Array], _ cells: [CellType], file: String
  ) throws(WeftError) -> RecurrentWeights {
    let input = try take("\(module)weight_ih_\(suffix)", from: &rest, file: file)
    let recurrent = try take("\(module)weight_hh_\(suffix)", from: &rest, file: file)
    // Cell-specific parameters other than weights and biases, if present.
    var candidates = CellCandidates(.pytorch)
    var others: [String: WeightMatrix] = [:]
    for name in Set(candidates.cells.flatMap { candidates.foreign($0).parameters.map(\.foreignName) }) {
      guard rest["\(module)\(name)_\(suffix)"] != nil else { continue }
      others[name] = try take("\(module)\(name)_\(suffix)", from: &rest, file: file).transposed
    }
    // A projection's rows are the units.
    let units = others["weight_hr"]?.rows ?? recurrent.columns
    let gates = units > 0 ? recurrent.rows / units : 0
    candidates.keep { cell, foreign in
      cell.gateCount == gates && Set(foreign.parameters.map(\.foreignName)) == Set(others.keys)
    }
    guard let cell = candidates.choose(cells.first(where: candidates.cells.contains)) else {
      throw .model(
        "\(file): '\(module)weight_hh_\(suffix)' [\(recurrent.rows), \(recurrent.columns)] does not match"
          + " LSTM, GRU or RNN"
      )
    }
    guard recurrent.rows == gates * units, input.rows == recurrent.rows,
      others["weight_hr"].map({ $0.columns == recurrent.columns }) ?? true
    else {
      throw .model(
        "\(file): '\(module)weight_ih_\(suffix)' and '\(module)weight_hh_\(suffix)' do not match")
    }
    let foreign = candidates.foreign(cell)
    let order = GateOrder(cell, foreign)
    func bias(_ name: String) throws(WeftError) -> [Float]? {
      guard let array = rest.removeValue(forKey: name) else { return nil }
      guard array.shape == [recurrent.rows] else {
        throw .model("\(file): '\(name)' has the shape \(array.shape), not [\(recurrent.rows)]")
      }
      return order.imported(array.values)
    }
    var layer = RecurrentWeights(
      cell: cell, input: order.imported(input.transposed), recurrent: order.imported(recurrent.transposed),
      inputBias: try bias("\(module)bias_ih_\(suffix)"), recurrentBias: try bias("\(module)bias_hh_\(suffix)")
    )
    for parameter in foreign.parameters {
      layer.others[parameter.name] = others[parameter.foreignName].map(parameter.imported)
    }
    return layer
  }

  /// Takes a matrix.
  ///
  /// - Throws: If it is missing, or no matrix.
  func take(
    _ name: String, from rest: inout [String: Array], file: String
  ) throws(WeftError) -> WeightMatrix {
    guard let array = rest.removeValue(forKey: name) else { throw .model("\(file): '\(name)' is missing") }
    guard let matrix = WeightMatrix(array) else {
      throw .model("\(file): '\(name)' has the shape \(array.shape), expected a matrix")
    }
    return matrix
  }
}

extension String {
  /// Natural order: `lstm2` before `lstm10`.
  func isNaturallyBefore(_ other: String) -> Bool { compare(other, options: .numeric) == .orderedAscending }
}
