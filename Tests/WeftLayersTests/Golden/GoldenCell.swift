import HDF5
import TestSupport

@testable import WeftLayers
@testable import WeftTensor

/// One group of `golden_cells.h5`: a stack, its inputs and expected results.
struct GoldenCell {
  let run: StackRun
  let outputs: [Float]
  let finalHidden: [Float]
  let finalCell: [Float]?
  let inputGradient: [Float]
  let initialHiddenGradient: [Float]
  let initialCellGradient: [Float]?
  /// By name, as in the layout.
  let gradients: [String: [Float]]

  static let names = [
    ["rnn_tanh", "rnn_relu", "lstm", "gru"].flatMap { cell in
      ["unidirectional", "bidirectional"].map { "\(cell)_\($0)" }
    },
    ["gru_reset_before", "layernorm_rnn_tanh", "layernorm_lstm"],
    ["layernorm_gru_reset_before", "layernorm_gru_reset_after"],
    ["lstm_projection_unidirectional", "lstm_projection_bidirectional", "lstm_peephole"],
    ["min_gru", "min_lstm", "indrnn_relu", "indrnn_tanh", "slstm", "lru", "zoneout_lstm"],
  ].flatMap(\.self).flatMap { ["\($0)_equal", "\($0)_ragged"] }

  init(_ name: String) throws {
    func isOf(_ cells: String...) -> Bool { cells.contains { name.hasPrefix($0) } }
    let file: GoldenFile =
      isOf("lstm_projection", "lstm_peephole")
      ? .variants : isOf("min_", "indrnn", "slstm", "lru", "zoneout") ? .recent : .cells
    let group = try file.open().group(name)
    let attributes = group.attributes
    let (steps, rows, inputs): (Int, Int, Int) =
      (try attributes.value("T"), try attributes.value("B"), try attributes.value("I"))
    let hidden: Int = try attributes.value("H")
    let isBidirectional = try attributes.value("bidirectional", as: Int.self) == 1
    let cellName = try attributes.value("cell", as: String.self)
    let isPyTorch = try group.contains("weight_ih_l0")
    let kind: CellType =
      switch cellName {
      case "rnn_tanh": .tanh
      case "rnn_relu": .relu
      case "lstm", "zoneout_lstm": .lstm
      case "lstm_peephole": .lstmPeephole
      case "lstm_projection": .lstmProjection
      case "gru_reset_before": .gru
      case "min_gru": .minGRU
      case "min_lstm": .minLSTM
      case "indrnn_relu", "indrnn_tanh": .indRNN
      case "slstm": .sLSTM
      case "lru": .lru
      default: .gruResetAfter
      }
    var options = RecurrentLayerOptions(kind: kind, hiddenSize: hidden)
    options.layerNormalization = try group.contains("input_gain")
    if try attributes.contains("zoneout") {
      options.zoneout = Float(try attributes.value("zoneout", as: Double.self))
    }
    if kind.recurrentWeights == .blocks { options.heads = try attributes.value("heads") }
    if cellName == "indrnn_tanh" { options.activation = .tanh }
    if kind.hasProjection { options.projectionSize = try attributes.value("projection_size") }
    var layout = ParameterLayout()
    let stack = BlockStack(
      inputSize: inputs, levels: try attributes.value("layers"),
      isBidirectional: isBidirectional, dropout: 0, options: options, layout: &layout)
    let parameters = Tensor(rows: 1, columns: layout.count)
    var gradients: [String: [Float]] = [:]
    for parameter in layout.parameters {
      let values: [Float]
      if isPyTorch {
        let source = PyTorchParameters(group: group, kind: kind, hidden: hidden)
        values = try source.values(of: parameter)
        gradients[parameter.name] = try source.gradient(of: parameter)
      } else {
        let dataset = parameter.name.split(separator: "/").last.map(String.init) ?? ""
        values = try group.floats(dataset)
        gradients[parameter.name] = try group.floats("grad_\(dataset)")
      }
      parameter.matrix(in: parameters.matrix).assign(values)
    }
    self.gradients = gradients
    let outputSize = stack.outputSize
    let hasCell = kind.hasCellState
    run = StackRun(
      stack: stack, layout: layout, parameters: parameters, lengths: try attributes.values("lengths"),
      inputs: TimeMajor(steps: steps, rows: rows, features: inputs, values: try group.floats("inputs")),
      initial: try group.state(stack, rows: rows, hidden: "h0", cell: hasCell ? "c0" : nil),
      outputGradient: TimeMajor(
        steps: steps, rows: rows, features: outputSize, values: try group.floats("R")),
      finalGradient: try group.state(stack, rows: rows, hidden: "Rh", cell: hasCell ? "Rc" : nil))
    outputs = try group.floats("outputs")
    finalHidden = try group.floats("h_n")
    finalCell = hasCell ? try group.floats("c_n") : nil
    inputGradient = try group.floats("grad_inputs")
    initialHiddenGradient = try group.floats("grad_h0")
    initialCellGradient = hasCell ? try group.floats("grad_c0") : nil
  }

  /// The maximum difference of each result, relative to the maximum magnitude of the expected values.
  func differences(_ result: StackRun.Result) -> [(name: String, difference: Double)] {
    var found = [
      ("outputs", relativeDifference(result.outputs.values, outputs)),
      ("h_n", relativeDifference(result.final.hidden, finalHidden)),
      ("grad_inputs", relativeDifference(result.inputGradient.values, inputGradient)),
      ("grad_h0", relativeDifference(result.initialGradient.hidden, initialHiddenGradient)),
    ]
    if let finalCell { found.append(("c_n", relativeDifference(result.final.cell, finalCell))) }
    if let initialCellGradient {
      found.append(("grad_c0", relativeDifference(result.initialGradient.cell, initialCellGradient)))
    }
    for parameter in run.layout.parameters {
      let actual = result.gradient.values(of: parameter)
      found.append((parameter.name, relativeDifference(actual, gradients[parameter.name] ?? [])))
    }
    return found
  }
}

extension Group {
  fileprivate func state(
    _ stack: BlockStack, rows: Int, hidden: String, cell: String?
  ) throws -> RecurrentState {
    let state = RecurrentState(batch: rows, layers: stack.layers)
    state.assign(hidden: try floats(hidden), cell: try cell.map { try floats($0) })
    return state
  }
}
