import WeftBase

extension Split {
  /// The categorical features of a step, with their number of categories: that of their names, or what is in the data.
  ///
  /// - Throws: If the data cannot be read, or a category is not a whole number.
  func measureCategories() throws(WeftError) -> [CategoricalFeature] {
    let known = covariates?.categories ?? []
    let columns =
      inputs.categories
      + (0..<stepsAhead).flatMap { step in
        known.map { (inputs.width + step * (covariates?.width ?? 0) + $0.index, $0.column) }
      }
    if columns.isEmpty { return [] }
    var counts = columns.map(\.column.count)
    if counts.contains(nil) {
      var maxima = [Double](repeating: 0, count: columns.count)
      func measure(_ reader: InputReader, first: Int) throws(WeftError) {
        let own = columns.enumerated().filter { (first..<first + reader.valueWidth).contains($1.index) }
        if own.isEmpty { return }
        for block in blocks {
          let values = try reader.numbers([block])
          for (place, column) in own {
            for index in stride(from: column.index - first, to: values.count, by: reader.valueWidth) {
              let value = values[index]
              // Other numbers are told when they are read.
              guard value > maxima[place], value < Double(CategoricalFeature.maximumCount) else { continue }
              maxima[place] = value
            }
          }
        }
      }
      try measure(inputs, first: 0)
      if let covariates { try measure(covariates, first: inputs.width) }
      // Later steps have the categories of the next step.
      for place in inputs.categories.count
        + known.count..<max(columns.count, inputs.categories.count + known.count)
      {
        maxima[place] = maxima[place - known.count]
      }
      counts = zip(counts, maxima).map { $0 ?? Int($1) + 1 }
    }
    var seen: Set<String> = []
    return zip(columns, counts).map { column, count in
      var name = column.column.name
      if !seen.insert(name).inserted { name += "/\(column.index)" }
      seen.insert(name)
      return CategoricalFeature(
        column: column.index, name: name, count: count ?? 1, names: column.column.names)
    }
  }

  /// The same split, with the categories of a model.
  func fitted(to categories: [CategoricalFeature]) -> Split {
    var split = self
    split.inputs = inputs.fitted(to: categories)
    split.covariates = covariates?.fitted(to: categories, first: inputs.width)
    if let future { split.future?.covariates = future.covariates.fitted(to: categories, first: inputs.width) }
    return split
  }
}
