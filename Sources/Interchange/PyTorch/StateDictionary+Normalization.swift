import WeftBase

extension StateDictionary {
  /// Computes weights that PyTorch stores as the parts of a parametrization.
  ///
  /// - Weight normalization: w = g v / ‖v‖, the norm over the axes where g has one element; `weight_g` and `weight_v`,
  ///   or `parametrizations.weight.original0` and `original1`.
  /// - Spectral normalization: w = v / (uᵀ v w); `weight_orig`, `weight_u`, `weight_v`, or
  ///   `parametrizations.weight.original`, `0._u` and `0._v`.
  ///
  /// - Throws: If the shapes do not match, or there is another parametrization.
  mutating func computeNormalizedWeights(file: String) throws(WeftError) {
    for name in arrays.keys.sorted() where arrays[name] != nil {
      if name.hasSuffix("_orig") {
        let stem = String(name.dropLast("_orig".count))
        try computeSpectral(stem, [name, "\(stem)_u", "\(stem)_v"], file: file)
      } else if name.hasSuffix("_g") {
        let stem = String(name.dropLast("_g".count))
        guard arrays["\(stem)_v"] != nil, arrays[stem] == nil else { continue }
        try computeWeightNormalized(stem, [name, "\(stem)_v"], file: file)
      }
    }
    // Modules with parametrizations have the names of what they compute between two others.
    let marker = "parametrizations."
    for name in arrays.keys.sorted() where arrays[name] != nil {
      guard let range = name.firstRange(of: marker),
        range.lowerBound == name.startIndex || name[..<range.lowerBound].hasSuffix(".")
      else { continue }
      let parameter = name[range.upperBound...].prefix { $0 != "." }
      let stem = "\(name[..<range.upperBound])\(parameter)."
      let whole = "\(name[..<range.lowerBound])\(parameter)"
      if arrays["\(stem)original0"] != nil {
        try computeWeightNormalized(whole, ["\(stem)original0", "\(stem)original1"], file: file)
      } else if arrays["\(stem)0._u"] != nil {
        try computeSpectral(whole, ["original", "0._u", "0._v"].map { stem + $0 }, file: file)
      } else {
        throw .model(
          "\(file): '\(whole)' is computed by a parametrization that Weft does not know; before saving, in"
            + " Python: torch.nn.utils.parametrize.remove_parametrizations(MODULE, \"\(parameter)\")")
      }
    }
  }

  private mutating func computeWeightNormalized(
    _ name: String, _ parts: [String], file: String
  ) throws(WeftError) {
    let all = parts.compactMap { arrays[$0] }
    guard all.count == 2, let lengths = all.first, var directions = all.last else {
      throw .model("\(file): '\(parts[0])' or '\(parts[1])' is missing")
    }
    let shape = directions.shape
    // A norm over everything has no axes.
    let axes = lengths.shape.isEmpty ? [Int](repeating: 1, count: shape.count) : lengths.shape
    guard axes.count == shape.count, zip(axes, shape).allSatisfy({ $0 == 1 || $0 == $1 }),
      lengths.values.count == axes.boundedProduct
    else {
      throw .model("\(file): '\(parts[0])' \(lengths.shape) and '\(parts[1])' \(shape) do not match")
    }
    // The place in g of each element of v.
    var places = [0]
    for (axis, extent) in zip(axes, shape) {
      places = places.flatMap { place in (0..<extent).map { axis == 1 ? place : place * axis + $0 } }
    }
    var squares = [Double](repeating: 0, count: lengths.values.count)
    for (place, value) in zip(places, directions.values) { squares[place] += Double(value) * Double(value) }
    for (index, place) in places.enumerated() {
      directions.values[index] = Float(
        Double(lengths.values[place]) * Double(directions.values[index]) / squares[place].squareRoot())
    }
    replace(parts, by: name, directions)
  }

  private mutating func computeSpectral(_ name: String, _ parts: [String], file: String) throws(WeftError) {
    let all = parts.compactMap { arrays[$0] }
    guard all.count == 3, all[0].shape.count == 2, all[1].values.count == all[0].shape[0],
      all[2].values.count == all[0].shape[1]
    else {
      throw .model("\(file): '\(parts[0])' has no matching spectral normalization beside it")
    }
    var matrix = all[0]
    let columns = matrix.shape[1]
    var norm = 0.0
    for (index, value) in matrix.values.enumerated() {
      norm += Double(all[1].values[index / columns]) * Double(value) * Double(all[2].values[index % columns])
    }
    for index in matrix.values.indices { matrix.values[index] = Float(Double(matrix.values[index]) / norm) }
    replace(parts, by: name, matrix)
  }
}
