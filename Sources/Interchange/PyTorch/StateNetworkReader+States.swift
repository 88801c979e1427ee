import WeftBase
import WeftLayers

/// States before the first step that a network has learned.
extension StateNetworkReader {
  /// What such parameters are called, of the hidden and of the cell state.
  private static let names = (
    hidden: Set([
      "h0", "h_0", "init_h", "h_init", "initial_h", "init_hidden", "hidden_init", "initial_hidden",
    ]),
    cell: Set(["c0", "c_0", "init_c", "c_init", "initial_c", "init_cell", "cell_init", "initial_cell"])
  )

  /// Takes parameters that by name and shape are the initial states of the only recurrent module: `[layers · directions,
  /// 1, units]`, with or without the axes of one element.
  mutating func takeInitialStates() {
    let modules = Set(levels.map(\.module))
    func array(_ names: Set<String>) -> String? {
      let found = rest.keys.filter { name in
        names.contains(name.lowercased().split(separator: ".").last.map(String.init) ?? "")
      }
      return found.count == 1 ? found.first : nil
    }
    let (hidden, cell) = (array(Self.names.hidden), array(Self.names.cell))
    guard modules.count == 1, hidden != nil || cell != nil,
      let hiddenRows = states(hidden, { $0.hidden }), let cellRows = states(cell, { $0.units }),
      cell == nil || levels.allSatisfy({ $0.layers.allSatisfy(\.cell.hasCellState) })
    else { return }
    var row = 0
    for level in levels.indices {
      for direction in levels[level].layers.indices {
        var layer = levels[level].layers[direction]
        layer.initialHidden = hiddenRows[row] ?? [Float](repeating: 0, count: layer.hidden)
        if layer.cell.hasCellState {
          layer.initialCell = cellRows[row] ?? [Float](repeating: 0, count: layer.units)
        }
        levels[level].layers[direction] = layer
        row += 1
      }
    }
    let taken = [hidden, cell].compactMap(\.self)
    for name in taken { rest[name] = nil }
    let module = modules.first.map { $0.isEmpty ? "the recurrent module" : "'\($0.dropLast())'" } ?? ""
    notes.append(
      "takes \(Self.list(taken)) as the states of \(module) before the first step, as their \(taken.count == 1 ? "name says" : "names say")"
    )
  }

  /// The state of each layer and direction, nil for zeros; nil if an array is not of them.
  private func states(_ name: String?, _ size: (RecurrentWeights) -> Int) -> [[Float]?]? {
    let layers = levels.flatMap(\.layers)
    guard let name, let array = rest[name] else { return [[Float]?](repeating: nil, count: layers.count) }
    let sizes = Set(layers.map(size))
    guard sizes.count == 1, let units = sizes.first, array.values.count == layers.count * units else {
      return nil
    }
    let axes = array.shape.filter { $0 != 1 }
    let expected = [layers.count, units].filter { $0 != 1 }
    guard axes == expected, array.shape.count <= 3 else { return nil }
    return layers.indices.map { Array(array.values[($0 * units)..<(($0 + 1) * units)]) }
  }
}
