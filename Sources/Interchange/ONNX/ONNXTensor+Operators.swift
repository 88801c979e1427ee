import WeftBase

/// Operators on constants, by which exporters make weights of other weights.
extension ONNXTensor {
  /// The place of an axis, counted from the end if negative; nil if there is none.
  func axis(_ axis: Int) -> Int? {
    let place = axis < 0 ? axis + shape.count : axis
    return shape.indices.contains(place) ? place : nil
  }

  /// Elements before and after an axis.
  private func extents(around axis: Int) -> (outer: Int, inner: Int) {
    (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
  }

  /// The elements of an axis at these indices, which are in range; nil if they are more than an integer counts.
  func gathered(_ indices: [Int], along axis: Int) -> ONNXTensor? {
    var result = ONNXTensor(shape: shape, values: [])
    result.shape[axis] = indices.count
    guard let count = result.shape.boundedProduct else { return nil }
    if count == 0 { return result }
    let (outer, inner) = extents(around: axis)
    result.values.reserveCapacity(count)
    for block in 0..<outer {
      for index in indices {
        let start = (block * shape[axis] + index) * inner
        result.values += values[start..<(start + inner)]
      }
    }
    return result
  }

  /// Tensors one after another along an axis; nil if their other axes differ.
  static func concatenated(_ tensors: [ONNXTensor], along axis: Int) -> ONNXTensor? {
    guard let first = tensors.first, let axis = first.axis(axis) else { return nil }
    var result = ONNXTensor(shape: first.shape, values: [])
    var extent = 0
    for tensor in tensors {
      var others = tensor.shape
      guard others.count == first.shape.count else { return nil }
      let (sum, overflows) = extent.addingReportingOverflow(others[axis])
      others[axis] = first.shape[axis]
      guard others == first.shape, !overflows else { return nil }
      extent = sum
    }
    result.shape[axis] = extent
    guard let count = result.shape.boundedProduct else { return nil }
    if count == 0 { return result }
    result.values.reserveCapacity(count)
    for block in 0..<first.extents(around: axis).outer {
      for tensor in tensors {
        let length = tensor.shape[axis...].reduce(1, *)
        result.values += tensor.values[(block * length)..<((block + 1) * length)]
      }
    }
    return result
  }

  /// Axes in another order, a permutation.
  func transposed(_ order: [Int]) -> ONNXTensor {
    var result = ONNXTensor(shape: order.map { shape[$0] }, values: values)
    if values.isEmpty { return result }
    var steps = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
    let moves = order.map { steps[$0] }
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    for target in result.values.indices {
      result.values[target] = values[place]
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += moves[axis]
        if index[axis] < result.shape[axis] { break }
        place -= moves[axis] * result.shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }
}

extension ONNXGraphReader {
  /// `Slice` of constants: start, end, axis and step of each axis that is cut.
  func sliced(_ tensor: ONNXTensor, _ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
    guard let starts = node.integers("starts") ?? constant(node, 1)?.integers,
      let ends = node.integers("ends") ?? constant(node, 2)?.integers, starts.count == ends.count,
      starts.count <= ONNXTensor.maximumRank
    else { throw refuse(node, "its bounds are not constant") }
    let axes = node.integers("axes") ?? constant(node, 3)?.integers ?? Array(starts.indices)
    let steps = constant(node, 4)?.integers ?? [Int](repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count, steps.allSatisfy({ $0 == 1 }) else {
      throw refuse(node, "takes weights in steps other than 1")
    }
    var result = tensor
    for (place, (start, end)) in zip(axes, zip(starts, ends)) {
      guard let axis = result.axis(place) else {
        throw refuse(node, "axis \(place) is none of its operand's")
      }
      let extent = result.shape[axis]
      func bound(_ index: Int) -> Int { min(max(index < 0 ? index &+ extent : index, 0), extent) }
      let (lower, upper) = (bound(start), max(bound(start), bound(end)))
      if lower == 0, upper == extent { continue }
      // Indices are listed only for elements that exist.
      guard !result.values.isEmpty, let part = result.gathered(Array(lower..<upper), along: axis) else {
        throw refuse(node, "takes a part of nothing")
      }
      result = part
    }
    return result
  }

  /// `Concat` of constants.
  func concatenated(_ tensors: [ONNXTensor], _ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
    guard let axis = node.integer("axis"), let result = ONNXTensor.concatenated(tensors, along: axis) else {
      throw refuse(node, "its operands do not fit together")
    }
    return result
  }

  /// `Gather` of constants by constants.
  func gathered(
    _ tensor: ONNXTensor, _ indices: ONNXTensor, _ node: ONNXProtoNode
  ) throws(WeftError) -> ONNXTensor {
    guard let axis = tensor.axis(node.integer("axis") ?? 0), let places = indices.integers,
      indices.shape.count <= 1, tensor.shape.count - 1 + indices.shape.count <= ONNXTensor.maximumRank
    else { throw refuse(node, "takes weights by something other than a list of places") }
    let extent = tensor.shape[axis]
    let known = places.map { $0 < 0 ? $0 &+ extent : $0 }
    guard known.allSatisfy({ (0..<extent).contains($0) }), !tensor.values.isEmpty,
      let bytes = [tensor.values.count / extent, known.count].boundedProduct
    else { throw refuse(node, "takes weights that do not exist") }
    try take(floats: 2 * bytes)
    guard var result = tensor.gathered(known, along: axis) else {
      throw refuse(node, "takes weights that do not exist")
    }
    if indices.shape.isEmpty { result.shape.remove(at: axis) }
    return result
  }
}
