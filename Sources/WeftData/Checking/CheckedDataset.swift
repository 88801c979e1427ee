import HDF5
import WeftBase

/// A dataset with what its values must be, read block by block.
struct CheckedDataset: Sendable {
  let scan: BlockScan
  let file: String
  let path: String
  private let rule: Rule
  private let positions: Positions
  /// Columns that are numbers of categories.
  private var categories: [CategoryColumn] = []
  /// Tells which targets count; nil for all.
  private var mask: TargetMask?
  /// Whether steps are single numbers, so that the dataset has no dimension of columns.
  private var isScalar = false

  /// What values must be.
  private enum Rule: Sendable {
    case features(ClosedRange<Float>, mayMiss: Bool, PackedValues?)
    case tokens(Range<Int>, name: String, blank: Int?, mayMiss: Bool, PackedValues?)
    case members([Int32: Int32])
    case oneHot
    case mask
  }

  /// What rows and steps of the dataset are.
  enum Positions: Sendable {
    /// Steps of one sequence.
    case stream
    /// Rows of steps, of which the first `lengths[row]` count.
    case dense(lengths: [Int])
    /// Concatenated sequences.
    case ragged(offsets: [Int])
    /// One row for each sequence.
    case rows
    /// Unknown; places are indices.
    case indices
  }

  /// The datasets of what a split reads: of values, and of a mask.
  ///
  /// - Throws: If one cannot be opened.
  static func all(_ reader: SequenceReader, _ positions: Positions) throws -> [CheckedDataset] {
    var result: [CheckedDataset] = []
    if reader.coding.texts == nil {
      let rule: Rule
      switch reader.content {
      case .features:
        rule = .features(reader.range, mayMiss: reader.mayMiss || reader.mask != nil, reader.packed)
      case .tokens(let bound):
        switch reader.coding {
        case .values(let members): rule = .members(members)
        case .oneHot: rule = .oneHot
        default:
          let least = Int(reader.tokenRange.minimum)
          rule = .tokens(
            least..<(reader.classNumbers?.count ?? bound), name: reader.tokenRange.name,
            blank: reader.blank,
            mayMiss: reader.allowsMissing || reader.mask != nil, reader.packed)
        }
      }
      var dataset = CheckedDataset(
        scan: try BlockScan(reader.dataset), file: reader.file, path: reader.dataset.path, rule: rule,
        positions: positions)
      (dataset.categories, dataset.isScalar) = (reader.categories, reader.isScalar)
      dataset.mask = reader.mask
      result.append(dataset)
    }
    if let mask = reader.mask {
      result.append(
        CheckedDataset(
          scan: try BlockScan(mask.dataset), file: mask.file, path: mask.dataset.path, rule: .mask,
          positions: positions))
    }
    return result
  }

  /// A dataset of numbers of which nothing else is known.
  init(_ dataset: Dataset) throws {
    let packed = try PackedValues(of: dataset)
    self.init(
      scan: try BlockScan(dataset), file: dataset.file, path: dataset.path,
      rule: .features(SequenceReader.finite, mayMiss: false, packed), positions: .indices)
  }

  private init(scan: BlockScan, file: String, path: String, rule: Rule, positions: Positions) {
    self.scan = scan
    self.file = file
    self.path = path
    self.rule = rule
    self.positions = positions
  }

  /// Number of blocks.
  var blockCount: Int { scan.reader.grid.count }
  /// Size of a block in memory.
  var blockByteCount: Int { scan.reader.chunkByteCount }

  /// The faults of a block.
  func faults(in block: Result<Chunk, HDF5Error>, number: Int) -> FaultCollection {
    var faults = FaultCollection()
    switch block {
    case .failure(let error):
      let origin = scan.reader.grid.offset(of: number)
      faults.add("damaged: \(error.cause)", at: origin, "chunk at \(origin)")
    case .success(let chunk):
      if case .features(SequenceReader.finite, _, nil) = rule, categories.isEmpty, scan.reader.isFinite(chunk)
      {
        return faults
      }
      scan.rows(of: chunk, number) { first, values in
        // Indices of one dimension lie along the row.
        let isPadded = first.count > 1 && !counts(first)
        if !isPadded { check(values, first, &faults) }
      }
    }
    return faults
  }

  /// Whether a row of numbers is no padding altogether.
  private func counts(_ first: [Int]) -> Bool {
    guard case .dense(let lengths) = positions, first.count > 2 else { return true }
    return first[1] < lengths[first[0]]
  }

  private func check(_ values: [Double], _ first: [Int], _ faults: inout FaultCollection) {
    var count = values.count
    if case .dense(let lengths) = positions, first.count == 2 {
      count = min(count, max(0, lengths[first[0]] - first[1]))
    }
    // Targets that do not count may be anything.
    var counting: [Bool]?
    func add(_ kind: String, _ index: Int, _ first: [Int], _ faults: inout FaultCollection) {
      if let mask {
        let flags = counting ?? mask.counts(from: first, count: values.count)
        counting = flags
        if !flags[index] { return }
      }
      addFault(kind, index, first, &faults)
    }
    if !categories.isEmpty { checkCategories(values.prefix(count), first, &faults) }
    switch rule {
    case .features(let range, let mayMiss, let packed):
      var values = values
      packed?.unpack(&values)
      for (index, value) in values.prefix(count).enumerated() where !range.contains(Float(value)) {
        if value.isNaN {
          if !mayMiss {
            add(packed == nil ? "missing value (NaN)" : "missing value", index, first, &faults)
          }
        } else if !Float(value).isFinite {
          add(
            value.isInfinite ? "infinite value" : "value beyond single precision", index, first,
            &faults)
        } else {
          add("value outside of \(range.lowerBound) to \(range.upperBound)", index, first, &faults)
        }
      }
    case .tokens(let range, let name, let blank, let mayMiss, let packed):
      var values = values
      packed?.unpack(&values)
      for (index, value) in values.prefix(count).enumerated() {
        if value.isNaN {
          if !mayMiss { add("missing \(name) (NaN)", index, first, &faults) }
        } else if value != value.rounded() {
          add("\(name) that is not a whole number", index, first, &faults)
        } else if !(Double(range.lowerBound)..<Double(range.upperBound)).contains(value),
          range.lowerBound == 0 || value != Double(SequenceReader.TokenRange.ignoredInPyTorch)
        {
          add("\(name) not between 0 and \(range.upperBound - 1)", index, first, &faults)
        } else if let blank, value == Double(blank) {
          add("class \(blank), which is loss.blank", index, first, &faults)
        }
      }
    case .members(let members):
      for (index, value) in values.prefix(count).enumerated() where members[Int32(value)] == nil {
        add("no value of its type", index, first, &faults)
      }
    case .oneHot:
      if ClassCoding.position(in: values.map { Float($0) }[...]) == nil {
        add("row that is not one-hot", 0, first, &faults)
      }
    case .mask:
      for (index, value) in values.prefix(count).enumerated() where value != 0 && value != 1 {
        add("mask that is neither 0 nor 1", index, first, &faults)
      }
    }
  }

  /// Checks the numbers of categories in a row.
  private func checkCategories(_ values: ArraySlice<Double>, _ first: [Int], _ faults: inout FaultCollection)
  {
    for (index, value) in values.enumerated() where value.isFinite {
      let column = isScalar ? 0 : (first.last ?? 0) + index
      guard let category = categories.first(where: { $0.column == column }),
        let fault = category.fault(Float(value))
      else { continue }
      addFault(fault, index, first, &faults)
    }
  }

  private func addFault(_ kind: String, _ index: Int, _ first: [Int], _ faults: inout FaultCollection) {
    var place = first
    if !place.isEmpty { place[place.count - 1] += index }
    faults.add(kind, at: place, text(of: place))
  }

  /// A place in words.
  private func text(of place: [Int]) -> String {
    func feature(_ rest: ArraySlice<Int>) -> String {
      rest.isEmpty ? "" : ", feature \(rest.first ?? 0)"
    }
    switch positions {
    case .stream where !place.isEmpty: return "step \(place[0])\(feature(place.dropFirst()))"
    case .dense where place.count >= 2:
      return "sequence \(place[0]), step \(place[1])\(feature(place.dropFirst(2)))"
    case .ragged(let offsets) where !place.isEmpty:
      let sequence = offsets.partition(after: place[0]) - 1
      let start = sequence >= 0 ? offsets[sequence] : 0
      return "sequence \(max(sequence, 0)), step \(place[0] - start)\(feature(place.dropFirst()))"
    case .rows where !place.isEmpty: return "sequence \(place[0])\(feature(place.dropFirst()))"
    default: return place.isEmpty ? "the value" : "\(place)"
    }
  }
}
