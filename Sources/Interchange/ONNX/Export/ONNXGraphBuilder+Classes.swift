import KernelInterface

/// Output layers of classes in clusters, and of classes that depend on each other.
extension ONNXGraphBuilder {
  /// Adds the log-probabilities of all classes of an adaptive softmax: those of the head and, for each cluster, those in
  /// the cluster plus that of the cluster.
  mutating func add(_ adaptive: AdaptiveWeights, to value: ONNXValue) -> ONNXValue {
    func logarithms(_ builder: inout Self, _ values: String, _ name: String) -> String {
      builder.add("LogSoftmax", [values], name, [.integer("axis", -1)])
    }
    let head = logarithms(
      &self, add("MatMul", [value.name, add("output_head", adaptive.head)], "output_head_scores"),
      "output_head_logarithms")
    let shortlist = adaptive.head.columns - adaptive.clusters.count
    var parts = [part(of: head, 0..<shortlist, "output_shortlist")]
    for (number, cluster) in adaptive.clusters.enumerated() {
      let name = "output_cluster\(number)"
      let own = add(
        "MatMul", [value.name, add("\(name)_projection", cluster.projection)], "\(name)_projected")
      let inside = logarithms(
        &self, add("MatMul", [own, add("\(name)_weights", cluster.weights)], "\(name)_scores"),
        "\(name)_logarithms")
      let entry = part(of: head, shortlist + number..<shortlist + number + 1, "\(name)_entry")
      parts.append(add("Add", [inside, entry], "\(name)_classes"))
    }
    var result = value
    result.name = add("Concat", parts, "output_logarithms", [.integer("axis", -1)])
    result.size = adaptive.classes
    return result
  }

  private mutating func part(of values: String, _ columns: Range<Int>, _ name: String) -> String {
    add(
      "Slice", [values, integers([columns.lowerBound]), integers([columns.upperBound]), integers([-1])], name)
  }

  /// Adds an output `classes [batch, time]`: those of the most probable path of a linear-chain conditional random field,
  /// of equal ones those of lower number (Viterbi 1967).
  ///
  /// - Parameters:
  ///   - scores: Of the class of each step, `[batch, time, classes]`.
  ///   - transitions: `[classes + 2, classes]`.
  mutating func addBestPath(_ scores: ONNXValue, _ transitions: WeightMatrix) {
    let count = transitions.columns
    let rows = transitions.values
    add("transitions", [count, count], Array(rows[..<(count * count)]))
    add("first_transitions", [count], Array(rows[(count * count)..<((count + 1) * count)]))
    add("last_transitions", [count], Array(rows[((count + 1) * count)...]))
    var value = scores
    value.name = add("Transpose", [scores.name], "path_scores", [.integers("perm", [1, 0, 2])])
    let steps = range(of: value.name, axis: 0, "path_steps")
    let isFirst = add(
      "Equal", [add("Unsqueeze", [steps, integers([1])], "path_places"), integers([0])], "path_first")
    let inside = value.lengths.map { mask(value, $0) }
    let batch = size(of: value.name, axis: 1, "path_batch")
    let shape = add("Concat", [batch, integers([count])], "path_shape", [.integer("axis", 0)])
    let zeros = add("Expand", [number(0, "zero"), shape], "path_zeros")

    // Scores of the best path to each class, and the class before it there.
    let row = ONNXProtoDimension.OneOf_Size.named("batch")
    var inputs = [
      ONNXProtoValue("path_before", .float32, [row, .fixed(Int64(count))]),
      ONNXProtoValue("path_step_scores", .float32, [row, .fixed(Int64(count))]),
      ONNXProtoValue("path_step_first", .bool, [.fixed(1)]),
    ]
    if inside != nil { inputs.append(ONNXProtoValue("path_step_inside", .bool, [row, .fixed(1)])) }
    let classes = inside == nil ? "" : integers(Array(0..<count))
    let (last, minusOne) = (integers([1]), integers([-1]))
    let forward = subgraph("path_step", inputs: inputs) { builder in
      let column = builder.add("Unsqueeze", ["path_before", minusOne], "path_column")
      let all = builder.add("Add", [column, "transitions"], "path_all")
      let best = builder.add(
        "ReduceMax", [all], "path_best", [.integers("axes", [1]), .integer("keepdims", 0)])
      var before = builder.add("ArgMax", [all], "path_class", [.integer("axis", 1), .integer("keepdims", 0)])
      let start = builder.add("Where", ["path_step_first", "first_transitions", best], "path_start")
      var after = builder.add("Add", [start, "path_step_scores"], "path_sum")
      if inside != nil {
        after = builder.add("Where", ["path_step_inside", after, "path_before"], "path_kept")
        before = builder.add("Where", ["path_step_inside", before, classes], "path_class_kept")
      }
      let outputs = [
        builder.add("Identity", [after], "path_after"),
        builder.add("Identity", [before], "path_class_before"),
      ]
      return zip(outputs, [ElementType.float32, .int64]).map {
        ONNXProtoValue($0, $1, [row, .fixed(Int64(count))])
      }
    }
    let scanned = [value.name, isFirst] + (inside.map { [$0] } ?? [])
    add(
      "Scan", [zeros] + scanned, outputs: ["path_final", "path_classes"],
      [.graph("body", forward), .integer("num_scan_inputs", scanned.count)])
    let ends = add("Add", ["path_final", "last_transitions"], "path_ends")
    let end = add("ArgMax", [ends], "path_end", [.integer("axis", 1), .integer("keepdims", 0)])

    // From the last class back to the first.
    let backward = subgraph(
      "path_back",
      inputs: [
        ONNXProtoValue("path_class_after", .int64, [row]),
        ONNXProtoValue("path_step_classes", .int64, [row, .fixed(Int64(count))]),
      ]
    ) { builder in
      let place = builder.add("Unsqueeze", ["path_class_after", last], "path_back_place")
      let found = builder.add(
        "GatherElements", ["path_step_classes", place], "path_found", [.integer("axis", 1)])
      let single = builder.add("Squeeze", [found, last], "path_back_class")
      return [
        builder.add("Identity", [single], "path_back_state"),
        builder.add("Identity", [single], "path_back_step"),
      ]
      .map { ONNXProtoValue($0, .int64, [row]) }
    }
    add(
      "Scan", [end, "path_classes"], outputs: ["path_begin", "path_back_classes"],
      [
        .graph("body", backward), .integer("num_scan_inputs", 1), .integers("scan_input_directions", [1]),
        .integers("scan_output_directions", [1]),
      ])
    // That before the first step is none.
    let most = integers([Int(Int32.max)])
    let before = add("Slice", ["path_back_classes", integers([1]), most, integers([0])], "path_all_but_last")
    let final = add("Unsqueeze", [end, integers([0])], "path_last")
    let path = add("Concat", [before, final], "path_by_time", [.integer("axis", 0)])
    addOutput(
      add("Transpose", [path], "classes", [.integers("perm", [1, 0])]), [row, .named("time")], .int64)
  }
}
