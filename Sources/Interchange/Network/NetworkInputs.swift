import WeftBase
import WeftLayers

/// The inputs of a network that has several, as one sequence: what is there at every step, and after it what is there
/// once for each sequence, which Weft's networks read at every step.
///
/// The first block reads the numeric features, in their order, and after them the embeddings of tokens.
struct NetworkInputs {
  /// An input.
  struct Input {
    /// Its name in the file.
    let name: String
    /// The dataset with its values.
    let dataset: String
    /// Whether it has one vector for each sequence, rather than one for each step.
    let isStatic: Bool
    /// Numbers at a step, or tokens if it is embedded.
    let width: Int
    /// Steps, if the file tells them; nil of a static input.
    let steps: Int?
    /// Matrices `[tokens, features]` that embed it, by their names.
    let embeddings: [(name: String, matrix: WeightMatrix)]
    /// Columns of the first block's inputs that are its numbers; empty if it is embedded.
    fileprivate(set) var columns: [Int] = []
    /// The same of each matrix that embeds it.
    fileprivate(set) var embedded: [String: [Int]] = [:]

    var isEmbedded: Bool { !embeddings.isEmpty }
  }

  /// Those at every step before the static ones.
  private(set) var inputs: [Input]
  /// Embeddings of the columns that are tokens.
  private(set) var categories: [CategoryTable] = []
  /// Features of a step of the dataset.
  let rawWidth: Int
  /// Features that the first block reads.
  private(set) var width = 0
  /// Steps of all sequences, if the file tells them.
  let steps: Int?

  /// Features of all inputs, and of their embeddings.
  static let maximumWidth = 1 << 20
  /// Numbers in the embeddings of an input.
  private static let maximumWeights = 1 << 28

  /// - Parameter all: In the order of the file.
  /// - Throws: If they are not one sequence with what belongs to it; the message names them.
  init(_ all: [Input]) throws(WeftError) {
    let sequences = all.filter { !$0.isStatic }
    guard !sequences.isEmpty else {
      throw .model(
        "none of its inputs is a sequence; Weft reads sequences, with what each has once beside them")
    }
    let known = sequences.first { $0.steps != nil }
    if let known, let other = sequences.first(where: { $0.steps != known.steps }),
      other.steps != nil || known.steps == 1
    {
      func steps(_ input: Input) -> String {
        input.steps.map { $0 == 1 ? "one step" : "\($0) steps" } ?? "any number of steps"
      }
      throw .model(
        "its input '\(other.name)' has \(steps(other)), and '\(known.name)' has \(steps(known)); Weft reads one"
          + " sequence, all inputs of which have as many steps")
    }
    for input in all {
      if let first = input.embeddings.first,
        let other = input.embeddings.first(where: { $0.matrix.rows != first.matrix.rows })
      {
        throw .model(
          "its input '\(input.name)' is embedded as one of \(first.matrix.rows) tokens by '\(first.name)' and of"
            + " \(other.matrix.rows) by '\(other.name)'")
      }
    }
    inputs = sequences + all.filter(\.isStatic)
    steps = known?.steps
    rawWidth = inputs.reduce(0) { $0 + min($1.width, Self.maximumWidth) }
    let features = inputs.map { input in
      [input.width, max(input.embeddings.reduce(0) { $0 + $1.matrix.columns }, 1)].boundedProduct ?? .max
    }
    let weights = inputs.map { input in
      [input.width, input.embeddings.reduce(0) { $0 + $1.matrix.values.count }].boundedProduct ?? .max
    }
    guard inputs.allSatisfy({ (1...Self.maximumWidth).contains($0.width) }),
      features.allSatisfy({ $0 <= Self.maximumWidth }), features.reduce(0, +) <= Self.maximumWidth,
      weights.allSatisfy({ $0 <= Self.maximumWeights })
    else {
      throw .model("its inputs have more than \(Self.maximumWidth) features, or too large embeddings")
    }
    arrange()
  }

  /// Whether there is one input, of tokens that several matrices embed.
  var isOneOfTokens: Bool { inputs.count == 1 && inputs[0].isEmbedded && !inputs[0].isStatic }

  subscript(name: String) -> Input? { inputs.first { $0.name == name } }

  /// Numbers the columns.
  private mutating func arrange() {
    for index in inputs.indices where !inputs[index].isEmbedded {
      inputs[index].columns = Array(width..<width + inputs[index].width)
      width += inputs[index].width
    }
    var column = 0
    for index in inputs.indices {
      let input = inputs[index]
      let joined = input.embeddings.dropFirst().reduce(input.embeddings.first?.matrix) {
        $0?.beside($1.matrix)
      }
      for token in 0..<input.width {
        guard let joined else { break }
        for (name, matrix) in input.embeddings {
          inputs[index].embedded[name, default: []] += Array(width..<width + matrix.columns)
          width += matrix.columns
        }
        let name = input.width == 1 ? input.dataset : "\(input.dataset)/\(token)"
        categories.append(CategoryTable(column: column + token, name: name, embedding: joined))
      }
      column += input.width
    }
  }

  /// A dataset for an input, which no other has and that means nothing else in a dataset.
  ///
  /// - Parameter names: Those of other inputs, with this one after the call.
  static func datasetName(_ name: String, isEmbedded: Bool, _ names: inout Set<String>) -> String {
    var result = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    let taken = [
      "targets", "target_offsets", "target_lengths", "offsets", "lengths", "names", "mask", "weights",
    ]
    if result.isEmpty || taken.contains(result) || result == "tokens" && !isEmbedded { result += "_input" }
    while !names.insert(result).inserted { result += "_" }
    return result
  }
}

extension NetworkInputs {
  /// The datasets of the inputs.
  var datasets: ImportedDatasets {
    func names(_ isIncluded: (Input) -> Bool) -> [String] { inputs.filter(isIncluded).map(\.dataset) }
    return ImportedDatasets(
      inputs: names { !$0.isStatic }, staticInputs: names(\.isStatic), categories: names(\.isEmbedded),
      isDense: inputs.allSatisfy { $0.isStatic || $0.width == 1 })
  }

  /// What a user has to know of the datasets.
  var note: String {
    func list(_ inputs: [Input]) -> String {
      inputs.map { input in
        let tokens = input.width == 1 ? "a token" : "\(input.width) tokens"
        let features = input.width == 1 ? "a number" : "\(input.width) features"
        return "'\(input.dataset)' (\(input.isEmbedded ? tokens : features))"
      }.joined(separator: ", ")
    }
    let once = inputs.filter(\.isStatic)
    return "its inputs are the datasets \(list(inputs.filter { !$0.isStatic })) of each step"
      + (once.isEmpty ? "" : " and \(list(once)) of each sequence")
      + "; --set data.inputs=[…]\(once.isEmpty ? "" : " and data.static=[…]") for others, in this order"
  }
}
