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
