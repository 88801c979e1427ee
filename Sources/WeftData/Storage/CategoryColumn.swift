import WeftBase

/// A column of a dataset whose values are numbers of categories.
struct CategoryColumn: Sendable, Equatable {
  /// Its index among the values of a step of the dataset.
  let column: Int
  let name: String
  /// The name of each category in the file; empty if they have none.
  var names: [String] = []
  /// Number of categories; nil if it is yet to be measured.
  var count: Int?
  /// The model's number of each category of the file, −1 for those that it does not know; nil if they are the same.
  var numbers: [Int32]?

  /// How many categories the file may have.
  private var bound: Int { numbers?.count ?? count ?? CategoricalFeature.maximumCount }

  private func isInRange(_ value: Float) -> Bool {
    value.rounded() == value && value >= 0 && value < Float(bound)
  }

  /// The kind of fault that a value has; nil for none.
  func fault(_ value: Float) -> String? {
    if !isInRange(value) {
      return "category of '\(name)' that is not a whole number between 0 and \(bound - 1)"
    }
    if let numbers, numbers[Int(value)] < 0 { return "category of '\(name)' that is unknown to the model" }
    return nil
  }

  /// What is wrong with a value, for an error; nil for nothing.
  private func problem(_ value: Float) -> String? {
    guard isInRange(value) else {
      let text = Int64(exactly: value).map(String.init) ?? "\(value)"
      return "category \(text) of '\(name)' {place} is not a whole number between 0 and \(bound - 1)"
    }
    if let numbers, numbers[Int(value)] < 0 {
      return "category '\(names[Int(value)])' of '\(name)' {place} is unknown to the model"
    }
    return nil
  }

  /// Checks the values of some steps, and replaces them by the model's numbers.
  ///
  /// - Returns: The first step with a bad value, with a message in which `{place}` stands for its place.
  func translate(
    _ values: inout [Float], steps: Range<Int>, columns: StepColumns
  ) -> (step: Int, message: String)? {
    for step in steps {
      let place = columns.place(of: step) + column
      if let problem = problem(values[place]) { return (step, problem) }
      if let numbers { values[place] = Float(numbers[Int(values[place])]) }
    }
    return nil
  }

  /// The same column with the numbers of a model: by name, if both name their categories.
  func fitted(to feature: CategoricalFeature) -> CategoryColumn {
    var column = self
    column.count = feature.count
    if !names.isEmpty, !feature.names.isEmpty, names != feature.names {
      let order = Dictionary(
        feature.names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
      column.numbers = names.map { order[$0] ?? -1 }
    }
    return column
  }
}
