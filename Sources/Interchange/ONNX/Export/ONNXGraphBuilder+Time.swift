import WeftBase
import WeftLayers

/// Blocks that combine steps: convolutions and pooling. Steps after the end of a row have no influence.
extension ONNXGraphBuilder {
  /// Adds a convolution over time.
  ///
  /// - Throws: If its windows begin at other steps in every row of a ragged batch.
  mutating func add(
    _ convolution: ConvolutionWeights, path: String, to value: ONNXValue
  ) throws(WeftError) -> ONNXValue {
    let (width, inputs, filters) = (convolution.width, value.size, convolution.filters)
    let span = (width - 1) * convolution.dilation + 1
    let isRagged = value.lengths != nil
    try checkWindows(value, convolution.padding, stride: convolution.stride)
    // Causal windows read nothing after a row's last step.
    let steps = isRagged && convolution.padding != .causal ? masked(value, "\(path)_inputs") : value.name
    var turned = add("Transpose", [steps], "\(path)_by_row", [.integers("perm", [1, 2, 0])])
    if convolution.padding == .valid { turned = lengthened(turned, to: span, path) }
    let attributes =
      windowAttributes(width: width, span: span, stride: convolution.stride, convolution.padding)
      + [.integers("dilations", [convolution.dilation])]
    let product = add(
      "Conv",
      [
        turned, add("\(path)_weights", [filters, inputs, width], convolution.kernel),
        add("\(path)_bias", [filters], convolution.dense.bias),
      ], "\(path)_sums", attributes)
    var result = value
    result.name = apply(
      convolution.activation, add("Transpose", [product], "\(path)_by_step", [.integers("perm", [2, 0, 1])]),
      path)
    result.size = filters
    result.directions = [.forward]
    result.lengths = outputLengths(value, convolution.padding, stride: convolution.stride, span: span, path)
    return result
  }

  /// Adds pooling over windows of steps; steps beyond a row do not count.
  ///
  /// - Throws: If its windows begin at other steps in every row of a ragged batch.
  mutating func add(_ pooling: PoolingWindow, path: String, to value: ONNXValue) throws(WeftError)
    -> ONNXValue
  {
    try checkWindows(value, pooling.padding, stride: pooling.stride)
    let attributes = windowAttributes(
      width: pooling.width, span: pooling.width, stride: pooling.stride, pooling.padding)
    func pool(
      _ builder: inout Self, _ steps: String, _ operation: String, _ name: String, filler: (Float, String),
      _ others: [ONNXProtoAttribute] = []
    ) -> String {
      var rows = builder.add("Transpose", [steps], "\(name)_by_row", [.integers("perm", [1, 2, 0])])
      if pooling.padding == .valid { rows = builder.lengthened(rows, to: pooling.width, name, with: filler) }
      let pooled = builder.add(operation, [rows], "\(name)_pooled", attributes + others)
      return builder.add("Transpose", [pooled], "\(name)_by_step", [.integers("perm", [2, 0, 1])])
    }
    var result = value
    switch pooling.kind {
    case .maximum:
      let steps = masked(value, with: (-.infinity, "minus_infinity"), "\(path)_inputs")
      result.name = pool(&self, steps, "MaxPool", path, filler: (-.infinity, "minus_infinity"))
    case .mean:
      // The mean of the steps, and the share of them that count.
      let all: [ONNXProtoAttribute] = [.integer("count_include_pad", 1)]
      let sum = pool(&self, masked(value, "\(path)_inputs"), "AveragePool", path, filler: (0, "zero"), all)
      let share = pool(
        &self, presence(value, path), "AveragePool", "\(path)_presence", filler: (0, "zero"), all)
      let positive = add("Max", [share, number(1e-6, "least_share")], "\(path)_share")
      result.name = add("Div", [sum, positive], "\(path)_outputs")
    }
    result.directions = [.forward]
    result.lengths = outputLengths(value, pooling.padding, stride: pooling.stride, span: pooling.width, path)
    return result
  }

  /// 1 for each step within its row, otherwise 0, `[time, batch, 1]`.
  private mutating func presence(_ value: ONNXValue, _ path: String) -> String {
    if let lengths = value.lengths {
      return add(
        "Cast", [mask(value, lengths)], "\(path)_inside", [.integer("to", Int(ElementType.float32.rawValue))])
    }
    let shape = add(
      "Concat",
      [
        size(of: value.name, axis: 0, "\(path)_time"), size(of: value.name, axis: 1, "\(path)_batch"),
        integers([1]),
      ], "\(path)_inside_shape", [.integer("axis", 0)])
    return add("Expand", [number(1, "one"), shape], "\(path)_inside")
  }

  private func checkWindows(_ value: ONNXValue, _ padding: ConvolutionPadding, stride: Int) throws(WeftError)
  {
    guard value.lengths == nil || stride == 1 || padding != .same else {
      throw .model(
        "\(file): windows with a stride and 'padding: same' begin at another step for each length; export without"
          + " --ragged, or train with 'padding: causal' or 'valid'")
    }
  }

  private func windowAttributes(
    width: Int, span: Int, stride: Int, _ padding: ConvolutionPadding
  ) -> [ONNXProtoAttribute] {
    let common: [ONNXProtoAttribute] = [.integers("kernel_shape", [width]), .integers("strides", [stride])]
    // With a stride, ONNX Runtime computes negative padding for windows of one step.
    if span == 1 { return common }
    switch padding {
    case .causal: return common + [.integers("pads", [span - 1, 0])]
    case .same where stride == 1:
      return common + [.integers("pads", [(span - 1) / 2, span - 1 - (span - 1) / 2])]
    case .same: return common + [.text("auto_pad", "SAME_UPPER")]
    case .valid: return common
    }
  }

  /// Rows `[batch, features, time]` with a number behind them until there are `count` steps.
  private mutating func lengthened(
    _ rows: String, to count: Int, _ path: String, with filler: (Float, String) = (0, "zero")
  ) -> String {
    let steps = size(of: rows, axis: 2, "\(path)_steps")
    let missing = add("Sub", [integers([count]), steps], "\(path)_missing")
    let needed = add("Max", [missing, integers([0])], "\(path)_needed")
    let pads = add(
      "Concat", [integers([0, 0, 0, 0, 0]), needed], "\(path)_pads", [.integer("axis", 0)])
    let value = add("Squeeze", [number(filler.0, filler.1)], "\(path)_filler")
    return add("Pad", [rows, pads, value], "\(path)_padded")
  }

  /// Steps of each row after windows; nil if all rows have as many as the value.
  private mutating func outputLengths(
    _ value: ONNXValue, _ padding: ConvolutionPadding, stride: Int, span: Int, _ path: String
  ) -> String? {
    let isValid = padding == .valid
    guard let lengths = value.lengths, stride > 1 || isValid else { return value.lengths }
    // (length − 1) / stride + 1, or max(length − span, 0) / stride + 1.
    var rest = add("Sub", [lengths, integer32(isValid ? span : 1)], "\(path)_rest")
    if isValid { rest = add("Max", [rest, integer32(0)], "\(path)_places") }
    let quotient = add("Div", [rest, integer32(stride)], "\(path)_windows")
    return add("Add", [quotient, integer32(1)], "\(path)_lengths")
  }

  /// Whether a step is within its row, bool `[time, batch, 1]`.
  mutating func mask(_ value: ONNXValue, _ lengths: String) -> String {
    if let mask = masks[lengths] { return mask }
    let name = "\(lengths)_mask"
    let steps = range(of: value.name, axis: 0, "\(name)_range")
    let column = add("Unsqueeze", [steps, integers([1, 2])], "\(name)_places")
    let long = add("Cast", [lengths], "\(name)_long", [.integer("to", Int(ElementType.int64.rawValue))])
    let row = add("Unsqueeze", [long, integers([0, 2])], "\(name)_ends")
    masks[lengths] = add("Less", [column, row], name)
    return name
  }

  /// Zeros, or another number, after the end of each row.
  private mutating func masked(
    _ value: ONNXValue, with filler: (Float, String) = (0, "zero"), _ output: String
  ) -> String {
    guard let lengths = value.lengths else { return value.name }
    return add("Where", [mask(value, lengths), value.name, number(filler.0, filler.1)], output)
  }

  /// Adds pooling of each row into one step.
  mutating func pool(_ kind: PoolKind, _ value: ONNXValue, _ path: String) -> ONNXValue {
    var result = value
    result.isPooled = true
    let whole: [ONNXProtoAttribute] = [.integers("axes", [0]), .integer("keepdims", 0)]
    switch kind {
    case .last: result.name = finals(value, path)
    case .lastPosition: result.name = lastStep(value, path)
    case .maximum:
      result.name = add(
        "ReduceMax", [masked(value, with: (-.infinity, "minus_infinity"), "\(path)_inputs")],
        "\(path)_outputs",
        whole)
    case .mean, .attention:
      guard let lengths = value.lengths else {
        result.name = add("ReduceMean", [value.name], "\(path)_outputs", whole)
        break
      }
      let sum = add(
        "ReduceSum", [masked(value, "\(path)_inputs"), integers([0])], "\(path)_sum",
        [.integer("keepdims", 0)])
      let count = add(
        "Cast", [lengths], "\(path)_count", [.integer("to", Int(ElementType.float32.rawValue))])
      let column = add("Unsqueeze", [count, integers([1])], "\(path)_counts")
      result.name = add("Div", [sum, column], "\(path)_outputs")
    }
    result.directions = [.forward]
    result.lengths = nil
    return result
  }

  /// Σ_t a_t h_t with a = softmax over t of v · f(W h_t + b).
  mutating func pool(_ attention: AttentionWeights, _ value: ONNXValue, _ path: String) -> ONNXValue {
    var scores = value
    let compared = apply(attention.activation, add(attention.projection, path: path, to: value).name, path)
    scores.name = add("MatMul", [compared, add("\(path)_score", attention.score)], "\(path)_scores")
    let known = masked(scores, with: (-.infinity, "minus_infinity"), "\(path)_known_scores")
    let weights = add("Softmax", [known], "\(path)_attention", [.integer("axis", 0)])
    let parts = add("Mul", [weights, masked(value, "\(path)_states")], "\(path)_parts")
    var result = value
    result.name = add("ReduceSum", [parts, integers([0])], "\(path)_outputs", [.integer("keepdims", 0)])
    (result.isPooled, result.directions, result.lengths) = (true, [.forward], nil)
    return result
  }

  /// The last step in the order of each direction.
  private mutating func finals(_ value: ONNXValue, _ path: String) -> String {
    if value.directions == [.forward] { return lastStep(value, path) }
    let first = add("Gather", [value.name, integers([0])], "\(path)_first_steps", [.integer("axis", 0)])
    let earliest = add("Squeeze", [first, integers([0])], "\(path)_first")
    if value.directions == [.backward] { return earliest }
    let half = value.size / 2
    let forward = add(
      "Slice", [lastStep(value, path), integers([0]), integers([half]), integers([1])], "\(path)_forward")
    let backward = add(
      "Slice", [earliest, integers([half]), integers([value.size]), integers([1])], "\(path)_backward")
    return add("Concat", [forward, backward], "\(path)_finals", [.integer("axis", 1)])
  }

  private mutating func lastStep(_ value: ONNXValue, _ path: String) -> String {
    guard let lengths = value.lengths else {
      let last = add("Gather", [value.name, integers([-1])], "\(path)_last_steps", [.integer("axis", 0)])
      return add("Squeeze", [last, integers([0])], "\(path)_last")
    }
    // Pairs of a row's last step and its number.
    let long = add("Cast", [lengths], "\(path)_lengths", [.integer("to", Int(ElementType.int64.rawValue))])
    let last = add("Sub", [long, integers([1])], "\(path)_last_places")
    let rows = range(of: value.name, axis: 1, "\(path)_row_numbers")
    let pairs = add(
      "Concat",
      [
        add("Unsqueeze", [last, integers([1])], "\(path)_step_column"),
        add("Unsqueeze", [rows, integers([1])], "\(path)_row_column"),
      ], "\(path)_places", [.integer("axis", 1)])
    return add("GatherND", [value.name, pairs], "\(path)_last")
  }
}
