import WeftBase
import WeftLayers

/// Networks with several inputs, which the user names in the order in which they are side by side.
extension StateNetworkReader {
  /// An input that the user names.
  struct ToldInput {
    var name: String
    var isStatic: Bool
    /// The matrix that embeds it, and its module; nil of numbers.
    var table: (module: String, matrix: WeightMatrix)?
  }

  /// Takes the embeddings of the inputs that the user names.
  ///
  /// - Throws: If a category has none, or could have several.
  mutating func takeToldInputs() throws(WeftError) {
    if isOwn { return }
    let names = hints.inputs.isEmpty ? hints.categories : hints.inputs
    guard !hints.categories.isEmpty || names.count > 1 || !hints.staticInputs.isEmpty else { return }
    if let other = hints.categories.first(where: { !(names + hints.staticInputs).contains($0) }) {
      throw refuse("data.categories: '\(other)' is none of data.inputs and data.static")
    }
    for (name, isStatic) in names.map({ ($0, false) }) + hints.staticInputs.map({ ($0, true) }) {
      var input = ToldInput(name: name, isStatic: isStatic)
      if hints.categories.contains(name) {
        let module = try module(ofCategory: name)
        input.table = (module, try dictionary.take(Self.weight(of: module), from: &rest, file: file))
      }
      inputs.append(input)
    }
    for isStatic in [false, true] {
      let numbers = inputs.filter { $0.isStatic == isStatic && $0.table == nil }
      guard numbers.count > 1 else { continue }
      throw refuse(
        "\(isStatic ? "data.static" : "data.inputs"): \(Self.list(numbers.map(\.name))) are several inputs of numbers,"
          + " whose sizes a state dictionary does not tell; store them as one dataset")
    }
  }

  /// The module that embeds a category: of its name, or the only one whose name has it.
  private func module(ofCategory name: String) throws(WeftError) -> String {
    let tables = rest.keys.filter { key in
      key.hasLastComponent("weight") && rest[Self.bias(of: key)] == nil && rest[key]?.shape.count == 2
    }.map(Self.stem).sorted { $0.isNaturallyBefore($1) }
    for matches in [
      tables.filter { $0 == name || $0.hasLastComponent(name) },
      tables.filter { $0.lowercased().contains(name.lowercased()) },
    ] {
      if matches.count == 1 { return matches[0] }
      if matches.count > 1 {
        throw refuse(
          "data.categories: '\(name)' could be embedded by \(Self.list(matches)); name it as one of these")
      }
    }
    throw refuse(
      "data.categories: no embedding has the name '\(name)'; "
        + (tables.isEmpty ? "the file has none" : "name it as one of \(Self.list(tables))"))
  }

  /// Lets a network read the inputs that the user names.
  ///
  /// - Throws: If they have other sizes than its first layers read.
  mutating func arrange(_ network: inout NetworkDescription) throws(WeftError) -> ImportedDatasets? {
    if inputs.isEmpty { return nil }
    // Branches that begin with the last step read what is there once.
    var branches: [BlockChain] = []
    var merge: DirectionMerge?
    if case .branches(let parts, let kind) = network.blocks.first,
      parts.contains(where: { $0.first == .pool(.last) }),
      inputs.contains(where: \.isStatic)
    {
      (branches, merge) = (parts.map { BlockChain($0) }, kind)
    } else {
      branches = [BlockChain(network.blocks)]
    }
    func read(_ branch: BlockChain) -> [ToldInput] {
      guard merge != nil else { return inputs }
      let isStatic = branch.blocks.first == .pool(.last)
      return inputs.filter { $0.isStatic == isStatic }
    }
    var widths: [String: Int] = [:]
    for branch in branches {
      let own = read(branch)
      guard let count = branch.inputs else {
        throw refuse(
          "model.blocks: a branch that reads an input needs a layer, which tells how many features it has")
      }
      let embedded = own.reduce(0) { $0 + ($1.table?.matrix.columns ?? 0) }
      let numbers = own.filter { $0.table == nil }
      guard numbers.count <= 1, numbers.isEmpty ? embedded == count : embedded < count else {
        throw refuse(
          "\(Self.list(own.map(\.name))) are read by a layer of \(count) inputs, of which \(embedded) are embeddings"
            + (numbers.count > 1 ? "; the sizes of several inputs of numbers are not in the file" : ""))
      }
      for input in numbers {
        guard widths[input.name].map({ $0 == count - embedded }) ?? true else {
          throw refuse(
            "'\(input.name)' has \(widths[input.name] ?? 0) features in one branch and \(count - embedded) in another"
          )
        }
        widths[input.name] = count - embedded
      }
    }
    let all: NetworkInputs
    do {
      all = try NetworkInputs(
        inputs.map { input in
          NetworkInputs.Input(
            name: input.name, dataset: input.name, isStatic: input.isStatic, width: widths[input.name] ?? 1,
            steps: nil,
            embeddings: input.table.map { [($0.module, $0.matrix)] } ?? [])
        })
    } catch { throw refuse(error.message) }
    for index in branches.indices {
      let columns = read(branches[index]).flatMap { input in
        input.table.flatMap { all[input.name]?.embedded[$0.module] } ?? all[input.name]?.columns ?? []
      }
      _ = branches[index].select(columns, of: all.width)
    }
    if let merge {
      network.blocks[0] = .branches(branches.map(\.blocks), merge: merge)
    } else {
      network.blocks = branches[0].blocks
    }
    if all.isOneOfTokens, let table = all.categories.first?.embedding {
      (network.input, network.embedding) = (.tokens(table.rows), table)
      return nil
    }
    (network.input, network.categories) = (.features(all.rawWidth), all.categories)
    let order = inputs.map { input in
      input.table.map { "'\(input.name)' (embedded by '\($0.module)')" }
        ?? "'\(input.name)' (\(widths[input.name] ?? 1) features)"
    }
    notes.append(
      "takes \(order.joined(separator: ", then ")) to be side by side, in the order of data.inputs and data.static"
    )
    return all.datasets
  }
}
