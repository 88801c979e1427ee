import WeftBase
import WeftLayers
import WeftText

/// The weights of a trained model, which another model takes by name and shape.
///
/// Where the vocabulary or the classes differ, the rows or columns of each token or class are taken by its name.
struct WeightSource {
  private let checkpoint: Checkpoint
  private let file: String
  /// The group of the weights: their moving average, if there is one.
  private let group: String

  init(_ checkpoint: Checkpoint, file: String) {
    self.checkpoint = checkpoint
    self.file = file
    group = checkpoint.evaluatedGroup
  }

  /// Steps that the model was trained for.
  var step: Int { checkpoint.state.step }

  /// What the indices of a dimension stand for.
  private enum Names {
    case same
    /// For each index of the target the index of the source; nil where it has none.
    case matched([Int?])
    /// Something else than those of the source.
    case different
  }

  /// Copies what fits into the parameters of a run.
  ///
  /// - Returns: What was taken and what was not.
  /// - Throws: If nothing fits.
  func assign(to loop: TrainingLoop) throws(WeftError) -> [String] {
    var (taken, partly, anew): (Int, [String], [String]) = (0, [], [])
    for parameter in loop.model.layout.parameters {
      guard let array = checkpoint.arrays["\(group)/\(parameter.name)"] else {
        anew.append("\(parameter.name) (not in the model)")
        continue
      }
      let dimensions = self.dimensions(of: parameter.name, loop)
      if case .different = dimensions.rows {
        anew.append("\(parameter.name) (clusters of other classes)")
        continue
      }
      let shape = array.shape.count == 1 ? [1, array.shape[0]] : array.shape
      guard shape.count == 2, let rows = indices(dimensions.rows, shape[0], parameter.rows),
        let columns = indices(dimensions.columns, shape[1], parameter.columns)
      else {
        anew.append("\(parameter.name) (shape \(array.shape), not \(parameter.shape))")
        continue
      }
      let (rowCount, columnCount) = (rows.count { $0 != nil }, columns.count { $0 != nil })
      guard rowCount > 0, columnCount > 0 else {
        anew.append("\(parameter.name) (no name in common)")
        continue
      }
      let source = array.values
      let target = parameter.matrix(in: loop.executor.parameters.matrix)
      for (row, sourceRow) in rows.enumerated() {
        guard let sourceRow else { continue }
        for (column, sourceColumn) in columns.enumerated() {
          if let sourceColumn { target[row, column] = source[sourceRow * shape[1] + sourceColumn] }
        }
      }
      if rowCount < rows.count {
        partly.append("\(parameter.name) (\(rowCount) of \(rows.count) rows by name)")
      } else if columnCount < columns.count {
        partly.append("\(parameter.name) (\(columnCount) of \(columns.count) columns by name)")
      } else {
        taken += 1
      }
    }
    guard taken + partly.count > 0 else {
      throw .model("\(file): no parameter fits the model; weights are taken by name and shape")
    }
    let count = loop.model.layout.parameters.count
    return ["\(file): took \(taken) of \(count) parameters at step \(step)"]
      + (partly.isEmpty ? [] : ["partly taken: \(partly.joined(separator: ", "))"])
      + (anew.isEmpty ? [] : ["made anew: \(anew.joined(separator: ", "))"])
  }

  /// The indices of the source for those of the target; nil if the extents differ without names.
  private func indices(_ names: Names, _ source: Int, _ target: Int) -> [Int?]? {
    switch names {
    case .different: nil
    case .same: source == target ? Array(0..<target) : nil
    case .matched(let indices):
      indices.count == target && indices.allSatisfy({ $0 ?? 0 < source }) ? indices : nil
    }
  }

  /// What the rows and columns of a parameter stand for.
  private func dimensions(of name: String, _ loop: TrainingLoop) -> (rows: Names, columns: Names) {
    let dataset = loop.dataset
    let readsTokens = if case .tokens = loop.task.shape.input { true } else { false }
    let inputs = matched(checkpoint.vocabulary, dataset.vocabulary)
    let writesText = loop.task.writesText
    let outputs: Names =
      writesText
      ? matched(
        checkpoint.vocabularies.ofTargets ?? checkpoint.vocabulary,
        dataset.vocabularies.ofTargets ?? dataset.vocabulary)
      : matched(checkpoint.traits.classes, loop.dataset.traits.classes)
    switch name {
    case "embedding/weights": return (inputs, .same)
    case "decoder/embedding/weights": return (outputs, .same)
    case "output/weights": return (.same, outputs)
    case "output/bias": return (.same, outputs)
    case let name where name.hasPrefix("output/head") || name.hasPrefix("output/cluster"):
      // The clusters of other classes are others.
      if case .matched = outputs { return (.different, .same) }
      return (.same, .same)
    case "output/transitions":
      // Two more rows score the first and the last class.
      guard case .matched(let indices) = outputs else { return (.same, .same) }
      let count = checkpoint.traits.classes.count
      return (.matched(indices + [count, count + 1]), outputs)
    default:
      // Without an embedding, a row of the first layer belongs to a token.
      let isFirst = name.hasPrefix("layer0/") && name.hasSuffix("/input_weights")
      return (isFirst && readsTokens && loop.configuration.model.embedding == nil ? inputs : .same, .same)
    }
  }

  private func matched(_ source: Vocabulary?, _ target: Vocabulary?) -> Names {
    guard let source, let target, source.tokens != target.tokens else { return .same }
    return .matched(target.tokens.map { source.number(of: $0).map(Int.init) })
  }

  private func matched(_ source: [String], _ target: [String]) -> Names {
    guard !source.isEmpty, !target.isEmpty, source != target else { return .same }
    let numbers = Dictionary(source.enumerated().map { ($1, $0) }) { first, _ in first }
    return .matched(target.map { numbers[$0] })
  }
}
