import WeftBase
import WeftLayers

/// Layers that contain cells, and those that only run on graphics processors.
extension KerasNetworkReader {
  /// `RNN` of a cell, or of several that stand on one another.
  mutating func addCells(_ layer: KerasLayer) throws(WeftError) {
    let cells = Self.cells(layer.config["cell"])
    var variables = layer.variables[...]
    for (number, cell) in cells.enumerated() {
      guard let name = cell["class_name"]?.text, let kind = Self.cellClasses[name] else {
        throw refuse(layer, "a cell of the class \(cell["class_name"]?.text ?? "unknown") is not supported")
      }
      var config = cell["config"]?.members ?? [:]
      let count = config["use_bias"]?.bool ?? true ? 3 : 2
      guard variables.count >= count else { throw refuse(layer, "its cells have too few weights") }
      let isLast = number == cells.count - 1
      config["return_sequences"] = isLast ? layer.config["return_sequences"] ?? false : true
      config["go_backwards"] = layer.config["go_backwards"]
      config["time_major"] = layer.config["time_major"]
      var level = layer
      level.className = kind
      level.config = config
      level.parts = [KerasLayer.Part(path: "", variables: Array(variables.prefix(count)))]
      variables = variables.dropFirst(count)
      try addLevel(level)
    }
    guard !cells.isEmpty, variables.isEmpty else { throw refuse(layer, "its weights do not match its cells") }
  }

  private static let cellClasses = [
    "LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN",
  ]

  private static func cells(_ cell: JSONValue?) -> [JSONValue] {
    if let list = cell?.list { return list }
    guard cell?["class_name"]?.text == "StackedRNNCells" else { return cell.map { [$0] } ?? [] }
    return cell?["config"]?["cells"]?.list ?? []
  }

  /// The layer that an `RNN` of one cell is.
  static func layer(
    _ className: String?, _ config: [String: JSONValue]
  ) -> (className: String?, config: [String: JSONValue]) {
    guard className == "RNN", let name = config["cell"]?["class_name"]?.text, let kind = cellClasses[name]
    else {
      return (className, config)
    }
    return (kind, (config["cell"]?["config"]?.members ?? [:]).merging(config) { first, _ in first })
  }

  /// The weights of `CuDNNLSTM` and `CuDNNGRU` as `LSTM` and `GRU` have them: that library stores each gate's matrix
  /// transposed, with two biases of each gate.
  func withoutCuDNN(
    _ layer: KerasLayer, _ className: String?, _ config: inout [String: JSONValue],
    _ variables: [KerasLayer.Variable]
  ) -> (className: String?, variables: [KerasLayer.Variable]) {
    guard variables.count == 3, let kernel = WeightMatrix(variables[0].array),
      let recurrent = WeightMatrix(variables[1].array)
    else { return (className, variables) }
    let isNamed = className?.hasPrefix("CuDNN") ?? false
    // Other layers can have such weights: Keras loads either.
    let gates = recurrent.columns / recurrent.rows
    let bias = variables[2].array
    guard isNamed || (bias.shape == [2 * recurrent.columns] && gates > 1), gates > 0,
      recurrent.columns == gates * recurrent.rows, kernel.columns == recurrent.columns,
      bias.values.count == 2 * recurrent.columns
    else { return (className, variables) }
    var result = variables
    result[0].array = StateDictionary.Array(kernel.gatesTransposed(gates))
    result[1].array = StateDictionary.Array(recurrent.gatesTransposed(gates))
    let halves = [bias.values.prefix(recurrent.columns), bias.values.suffix(recurrent.columns)]
    if gates == 4 {
      result[2].array = StateDictionary.Array(zip(halves[0], halves[1]).map { $0 + $1 })
    } else {
      result[2].array = StateDictionary.Array(shape: [2, recurrent.columns], values: bias.values)
      config["reset_after"] = true
    }
    return (className.map { isNamed ? String($0.dropFirst("CuDNN".count)) : $0 }, result)
  }
}

extension WeightMatrix {
  /// Each gate's values as those of the transposed matrix, row by row.
  fileprivate func gatesTransposed(_ gates: Int) -> WeightMatrix {
    let units = columns / gates
    var result = self
    for gate in 0..<gates {
      for row in 0..<rows {
        for unit in 0..<units {
          // The gate's matrix has the same numbers as one of [units, rows].
          let place = unit * rows + row
          result.values[row * columns + gate * units + unit] =
            values[place / units * columns + gate * units + place % units]
        }
      }
    }
    return result
  }
}
