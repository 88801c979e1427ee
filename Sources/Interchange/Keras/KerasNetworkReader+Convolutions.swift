import WeftBase
import WeftLayers

/// Convolutions over time, and the zeros before them.
extension KerasNetworkReader {
  /// Zeros that a layer puts around sequences.
  struct ZeroPadding {
    var layer: String
    var before: Int
    var after: Int
  }

  /// `Conv1D`, in one group or several.
  mutating func addConvolution(_ layer: KerasLayer) throws(WeftError) {
    let groups = layer.number("groups") ?? 1
    guard let kernel = layer.variables.first?.array, layer.variables.count <= 2, kernel.shape.count == 3,
      kernel.shape.allSatisfy({ $0 > 0 })
    else { throw refuse(layer, "expected a kernel of three dimensions and a bias") }
    guard groups > 1 else { return try addConvolution(layer, kernel, bias: layer.bias(after: 1)) }
    let (width, inputs, filters) = (kernel.shape[0], kernel.shape[1], kernel.shape[2])
    guard filters % groups == 0 else { throw refuse(layer, "has \(filters) filters in \(groups) groups") }
    let size = filters / groups
    try addExpanded(
      layer, width: width, inputs: inputs, total: inputs.multipliedReportingOverflow(by: groups).partialValue,
      filters: filters, bias: layer.bias(after: 1)
    ) { step, input, filter in
      (filter / size * inputs + input, Double(kernel.values[(step * inputs + input) * filters + filter]))
    }
  }

  /// `DepthwiseConv1D`: each feature has filters of its own.
  mutating func addDepthwise(_ layer: KerasLayer) throws(WeftError) {
    let kernel = try depthwise(layer)
    let (inputs, filters) = (kernel.shape[1], kernel.shape[2])
    try addExpanded(
      layer, width: kernel.shape[0], inputs: 1, total: inputs, filters: inputs * filters,
      bias: layer.bias(after: 1)
    ) { step, _, filter in
      (
        filter / filters,
        Double(kernel.values[(step * inputs + filter / filters) * filters + filter % filters])
      )
    }
  }

  /// `SeparableConv1D`: a convolution of each feature, then one over all of them at each step.
  mutating func addSeparable(_ layer: KerasLayer) throws(WeftError) {
    let kernel = try depthwise(layer)
    let (inputs, multiplier) = (kernel.shape[1], kernel.shape[2])
    guard layer.variables.count >= 2, case let point = layer.variables[1].array, point.shape.count == 3,
      point.shape[0] == 1, point.shape[1] == inputs * multiplier, point.shape[2] > 0
    else { throw refuse(layer, "its kernels do not match") }
    let filters = point.shape[2]
    try addExpanded(
      layer, width: kernel.shape[0], inputs: inputs, total: inputs, filters: filters,
      bias: layer.bias(after: 2)
    ) { step, input, filter in
      var sum = 0.0
      for part in 0..<multiplier {
        sum +=
          Double(kernel.values[(step * inputs + input) * multiplier + part])
          * Double(point.values[(input * multiplier + part) * filters + filter])
      }
      return (input, sum)
    }
  }

  private func depthwise(_ layer: KerasLayer) throws(WeftError) -> StateDictionary.Array {
    guard let kernel = layer.variables.first?.array, kernel.shape.count == 3,
      kernel.shape.allSatisfy({ $0 > 0 })
    else { throw refuse(layer, "expected a kernel of three dimensions for each feature") }
    return kernel
  }

  /// Weights of all such convolutions of a network, so that a small file makes no large one.
  static let maximumExpansion = 1 << 26

  /// A convolution of few weights as one of all features, whose other weights are zeros.
  ///
  /// - Parameters:
  ///   - inputs: Features that a filter reads.
  ///   - total: All features.
  ///   - weight: The feature and the weight for a step of the window, a feature of the filter, and the filter.
  private mutating func addExpanded(
    _ layer: KerasLayer, width: Int, inputs: Int, total: Int, filters: Int, bias: [Float]?,
    weight: (_ step: Int, _ input: Int, _ filter: Int) -> (feature: Int, value: Double)
  ) throws(WeftError) {
    guard total > 0, let count = [width, total, filters].boundedProduct,
      count <= Self.maximumExpansion - expansion
    else {
      throw refuse(layer, "would have too many weights as an ordinary convolution")
    }
    expansion += count
    var kernel = StateDictionary.Array(
      shape: [width, total, filters], values: [Float](repeating: 0, count: count))
    for step in 0..<width {
      for input in 0..<inputs {
        for filter in 0..<filters {
          let (feature, value) = weight(step, input, filter)
          kernel.values[(step * total + feature) * filters + filter] = Float(value)
        }
      }
    }
    notes.append("layer '\(layer.name)' becomes an ordinary convolution, which computes the same")
    try addConvolution(layer, kernel, bias: bias)
  }

  /// A convolution with the kernel `[width, inputs, filters]`.
  private mutating func addConvolution(
    _ layer: KerasLayer, _ kernel: StateDictionary.Array, bias: [Float]?
  ) throws(WeftError) {
    let config = layer.config
    func number(_ key: String) -> Int { layer.number(key) ?? 1 }
    guard config["data_format"]?.text ?? "channels_last" == "channels_last" else {
      throw refuse(layer, "must have the features last")
    }
    let name = config["padding"]?.text ?? config["border_mode"]?.text ?? "valid"
    guard var padding = ConvolutionPadding(rawValue: name) else {
      throw refuse(layer, "padding '\(name)' is not supported")
    }
    guard (1...4096).contains(number("strides")), (1...65536).contains(number("dilation_rate")),
      kernel.shape[0] <= 4096
    else { throw refuse(layer, "its window, strides or dilation are too large") }
    let filters = kernel.shape[2]
    var kernel = kernel
    if let zeros = zeroPadding {
      zeroPadding = nil
      padding = try self.padding(
        zeros, of: layer, &kernel, padding, stride: number("strides"), dilation: number("dilation_rate"))
    }
    if padding == .valid { noteWindow(layer) }
    try append(
      .convolution(
        ConvolutionWeights(
          dense: DenseWeights(
            weights: WeightMatrix(
              rows: kernel.values.count / filters, columns: filters, values: kernel.values),
            bias: bias ?? [Float](repeating: 0, count: filters)),
          width: kernel.shape[0], stride: number("strides"), dilation: number("dilation_rate"),
          padding: padding, activation: .linear)), layer)
    try set(KerasLayer.activation(config["activation"]) ?? "linear", layer)
  }

  /// `ZeroPadding1D`, which the convolution after it takes.
  mutating func addZeroPadding(_ layer: KerasLayer) throws(WeftError) {
    let counts = layer.counts("padding")
    guard let before = counts.first, let after = counts.last, before >= 0, after >= 0, before <= 4096,
      after <= 4096
    else { throw refuse(layer, "has an unknown number of zeros") }
    try checkAppending(layer)
    zeroPadding = ZeroPadding(layer: layer.name, before: before, after: after)
  }

  /// The padding of a convolution after zeros, whose kernel may get zeros of its own.
  private func padding(
    _ zeros: ZeroPadding, of layer: KerasLayer, _ kernel: inout StateDictionary.Array,
    _ padding: ConvolutionPadding, stride: Int, dilation: Int
  ) throws(WeftError) -> ConvolutionPadding {
    if zeros.before == 0, zeros.after == 0 { return padding }
    let span = (kernel.shape[0] - 1) * dilation
    guard padding == .valid, zeros.before + zeros.after == span else {
      throw refuse(
        layer,
        "follows '\(zeros.layer)' of \(zeros.before) and \(zeros.after) zeros; supported are together \(span), so that"
          + " there are as many steps as before, and padding 'valid'")
    }
    if zeros.after == 0 { return .causal }
    guard stride == 1, zeros.before % dilation == 0 else {
      throw refuse(
        layer,
        "follows '\(zeros.layer)' of \(zeros.before) and \(zeros.after) zeros, which is supported with strides 1,"
          + " or with all zeros before the first step")
    }
    // Of an odd number of steps, as many are before the middle as after it.
    let (before, after) = (zeros.before / dilation, zeros.after / dilation)
    if after - before != 0, after - before != 1 {
      let row = kernel.shape[1] * kernel.shape[2]
      let missing = [Float](repeating: 0, count: abs(after - before) * row)
      kernel = StateDictionary.Array(
        shape: [kernel.shape[0] + abs(after - before), kernel.shape[1], kernel.shape[2]],
        values: before > after ? kernel.values + missing : missing + kernel.values)
    }
    return .same
  }
}

extension KerasLayer {
  /// The variable after so many others; nil if there is none.
  fileprivate func bias(after count: Int) -> [Float]? {
    variables.count > count ? variables[count].array.values : nil
  }

  /// One or two whole numbers.
  func counts(_ key: String) -> [Int] {
    config[key]?.integer.map { [$0, $0] } ?? config[key]?.list?.compactMap(\.integer) ?? []
  }
}
