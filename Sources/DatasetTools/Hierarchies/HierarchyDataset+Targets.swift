import HDF5
import WeftBase

extension HierarchyDataset {
  /// Sequences that are looked at.
  private static let mostSequences = 1_000

  /// Ends a loop over sequences.
  private struct Decision: Error {
    let areWhole: Bool
  }

  /// Whether sequences have a row of several numbers each, such as a one-hot row, that is as long for sequences of other
  /// lengths: in one with as many steps, it would seem to be of numbers for the steps.
  static func haveWholeTargets(
    of datasets: [HierarchyDataset], _ axes: AxisOrder, _ sources: SourceFiles
  ) throws -> Bool {
    var (first, seen): ((steps: Int, count: Int)?, Int) = (nil, 0)
    do {
      for dataset in datasets where dataset.targets != nil {
        for path in dataset.files {
          try sources.read(path) { file, forms in
            let source = HierarchySource(file, dataset, axes, HierarchyNotes(), forms: forms)
            guard try source.hasOwnSequences() else { return }
            try source.forEachSequence { sequence in
              if sequence.steps == 0 { return }
              guard case .numbers(let numbers, _, _) = sequence.target, numbers.count > 1 else {
                throw Decision(areWhole: false)
              }
              if !numbers.count.isMultiple(of: sequence.steps) { throw Decision(areWhole: true) }
              if let first, first.count != numbers.count || first.steps != sequence.steps {
                throw Decision(areWhole: first.count == numbers.count)
              }
              first = (sequence.steps, numbers.count)
              seen += 1
              if seen == mostSequences { throw Decision(areWhole: false) }
            }
          }
        }
      }
    } catch let decision as Decision { return decision.areWhole }
    return false
  }
}

extension HierarchySource {
  /// Whether each sequence has a place, and a length, of its own.
  fileprivate func hasOwnSequences() throws -> Bool {
    if try pandasFrame() != nil { return false }
    return switch try organization() {
    case .named, .variableRows, .cells: true
    case .records, .runs, .arrays: options.files.count > 1
    }
  }
}
