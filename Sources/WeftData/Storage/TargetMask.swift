import HDF5
import WeftBase

/// Tells which targets count: a dataset of their layout with 1 for those that do and 0 for the others.
struct TargetMask: Sendable {
  let dataset: Dataset
  let file: String
  /// Whether its shape ends with a dimension of one that the targets' layout lacks.
  let hasUnitDimension: Bool
  /// Reads through a block store; nil to read with the library.
  var stored: JoinedDataset?

  /// Ignores values of blocks that do not count, which become NaN.
  func apply<Value: BinaryFloatingPoint>(
    to values: inout [Value], width: Int, _ blocks: [StepBlockPlace]
  ) throws(WeftError) {
    var step = 0
    for block in blocks {
      for counts in try read(block) {
        if !counts { for place in step * width..<(step + 1) * width { values[place] = .nan } }
        step += 1
      }
    }
  }

  /// Whether targets count whose values lie along the last dimension of their dataset. What is wrong with the mask is told
  /// where it is checked itself.
  ///
  /// - Parameters:
  ///   - first: Indices of the first value.
  ///   - count: Number of values.
  func counts(from first: [Int], count: Int) -> [Bool] {
    let rank = ((try? dataset.shape.count) ?? 0) - (hasUnitDimension ? 1 : 0)
    // Values of one target lie along a dimension that the mask lacks.
    let isOne = first.count > rank
    var counts = first.prefix(rank).map { _ in 1 }
    if !isOne, !counts.isEmpty { counts[rank - 1] = count }
    let unit = hasUnitDimension ? [1] : []
    let values = try? dataset.read(
      as: Float.self, offset: Array(first.prefix(rank)) + unit.map { _ in 0 }, count: counts + unit)
    guard let values, values.count == (isOne ? 1 : count) else {
      return [Bool](repeating: true, count: count)
    }
    return isOne ? [Bool](repeating: values[0] != 0, count: count) : values.map { $0 != 0 }
  }

  /// Whether each target of a block counts.
  func read(_ block: StepBlockPlace) throws(WeftError) -> [Bool] {
    let unit: StepBlockPlace = hasUnitDimension ? (block.offset + [0], block.count + [1]) : block
    do {
      let count = block.count.reduce(1, *)
      var values = ChunkReader.undefined(count: count, of: Float.self)
      if let stored {
        _ = try stored.read(
          offset: unit.offset, count: unit.count, into: &values, at: 0, StepColumns(width: 1))
      } else {
        values = try dataset.read(as: Float.self, offset: unit.offset, count: unit.count)
      }
      if let wrong = values.first(where: { $0 != 0 && $0 != 1 }) {
        throw WeftError.data(
          "\(file): dataset \(dataset.path): contains \(wrong); a mask is of 0 and 1")
      }
      return values.map { $0 == 1 }
    } catch let error as WeftError { throw error } catch { throw WeftError(error, in: file) }
  }
}
