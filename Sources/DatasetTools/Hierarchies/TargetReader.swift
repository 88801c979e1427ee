import HDF5
import WeftBase
import WeftData

/// Reads the targets of sequences from one dataset.
struct TargetReader {
  let dataset: Dataset
  /// The shape, of one dimension for vectors and texts of MATLAB.
  let shape: [Int]
  private let packed: PackedValues?
  /// The texts of MATLAB that it is, or leads to; nil for anything else.
  private let matlabTexts: [String]?
  /// The long dimension of a vector of MATLAB; nil for anything else.
  private let vectorDimension: Int?

  /// - Throws: If an attribute is not what the conventions of NetCDF say, or the values are not those of the array.
  init(_ dataset: Dataset, _ objects: SourceObjects, _ notes: HierarchyNotes) throws {
    self.dataset = dataset
    matlabTexts = try objects.texts(of: dataset)
    if let matlabTexts {
      (shape, packed, vectorDimension) = ([matlabTexts.count], nil, nil)
      return
    }
    try dataset.checkHasOwnValues()
    shape = try dataset.stepShape
    vectorDimension = try dataset.isMATLABVector ? (dataset.shape[1] == 1 ? 0 : 1) : nil
    packed = dataset.datatype.isString ? nil : try notes.packedValues(of: dataset)
  }

  func failure(_ message: String) -> WeftError {
    .data("\(dataset.file): dataset \(dataset.path): \(message)")
  }

  /// Values of a block: texts, or numbers.
  private enum Values {
    case texts([String])
    case numbers([Double])
  }

  private func values(_ ownOffset: [Int], _ ownCount: [Int]) throws -> Values {
    if let matlabTexts {
      let (first, count) = (ownOffset.first ?? 0, ownCount.first ?? 1)
      return .texts(Array(matlabTexts[first..<first + count]))
    }
    var (offset, count) = (ownOffset, ownCount)
    if let vectorDimension {
      offset.insert(0, at: 1 - vectorDimension)
      count.insert(1, at: 1 - vectorDimension)
    }
    switch dataset.datatype {
    case .string, .fixedString: return .texts(try dataset.read(as: String.self, offset: offset, count: count))
    case .bool where shape.count > 1:
      return .numbers(try dataset.read(as: Double.self, offset: offset, count: count))
    case .enumeration(_, let members):
      return .texts(
        try members.names(
          of: dataset.read(as: Int64.self, offset: offset, count: count), failure: failure))
    default:
      var numbers = try dataset.read(as: Double.self, offset: offset, count: count)
      packed?.unpack(&numbers)
      return .numbers(numbers)
    }
  }

  private func target(_ values: Values, perStep steps: Int?) throws -> SourceSequence.Target {
    switch values {
    case .texts(let texts):
      if steps == nil, texts.count != 1 {
        throw failure("has \(texts.count) texts for a sequence; targets are one for it, or one for each step")
      }
      return steps == nil ? .text(texts[0]) : .texts(texts)
    case .numbers(let numbers):
      return .numbers(
        numbers, width: numbers.count / max(steps ?? 1, 1),
        areIntegers: (dataset.datatype.isInteger || dataset.datatype == .bool) && packed?.isScaled != true)
    }
  }

  /// The targets of the only sequence that the dataset belongs to.
  ///
  /// - Parameter order: The order of the axes of the inputs.
  func whole(steps: Int, _ order: AxisOrder) throws -> SourceSequence.Target {
    let values = try values(shape.map { _ in 0 }, shape)
    if order.features == [0], order.rank == 2, shape.count == 2, shape[1] == steps, steps > 1,
      case .numbers(let numbers) = values
    {
      return try target(.numbers(order.arranged(numbers, shape: shape, sequence: 0)), perStep: steps)
    }
    return try target(values, perStep: shape.first == steps && steps > 1 ? steps : nil)
  }

  /// The targets in one row.
  func row(_ row: Int, steps: Int) throws -> SourceSequence.Target {
    let rest = Array(shape.dropFirst())
    return try target(
      values([row] + rest.map { _ in 0 }, [1] + rest), perStep: rest.first == steps && steps > 1 ? steps : nil
    )
  }

  /// The targets of consecutive steps.
  func steps(_ rows: Range<Int>) throws -> SourceSequence.Target {
    let rest = Array(shape.dropFirst())
    return try target(
      values([rows.lowerBound] + rest.map { _ in 0 }, [rows.count] + rest), perStep: rows.count)
  }

  /// How the dataset contains the targets of an array of sequences.
  enum Arrangement {
    /// One row for each sequence.
    case rows
    /// One column for each sequence: a row of a matrix of MATLAB.
    case columns
    /// One for each step, with these axes.
    case axes(AxisOrder)
  }

  /// - Parameters:
  ///   - count: Number of sequences.
  ///   - steps: Their steps.
  ///   - order: The order of the axes of the inputs, which is that of targets of steps too.
  ///   - advice: What may be wrong if they do not fit.
  /// - Throws: If it belongs to another number of sequences.
  func arrangement(
    of count: Int, steps: Int, _ order: AxisOrder, advice: String
  ) throws -> Arrangement {
    for own in [order.withoutFeatures, order] where own.rank == shape.count {
      if let sequence = own.sequence, let time = own.time, shape[sequence] == count, shape[time] == steps {
        return .axes(own)
      }
    }
    if shape.count == 2, shape[0] != count, shape[1] == count, matlabTexts == nil,
      try dataset.reversingProgram != nil
    {
      return .columns
    }
    guard shape.first == count else {
      throw failure(
        "has the shape \(shape); targets need one row for each of \(count) sequences, or the axes of the inputs for"
          + " \(steps) steps each\(advice)")
    }
    return .rows
  }

  /// The targets of a sequence of an array.
  ///
  /// - Parameters:
  ///   - steps: Steps of the array.
  ///   - kept: Steps of the sequence, of which there may be fewer.
  func target(
    of sequence: Int, _ arrangement: Arrangement, steps: Int, kept: Int
  ) throws -> SourceSequence.Target {
    let whole: SourceSequence.Target
    switch arrangement {
    case .rows: whole = try row(sequence, steps: steps)
    case .columns:
      whole = try target(
        values([0, sequence], [shape[0], 1]), perStep: shape[0] == steps && steps > 1 ? steps : nil)
    case .axes(let order):
      var (offset, count) = (shape.map { _ in 0 }, shape)
      if let axis = order.sequence { (offset[axis], count[axis]) = (sequence, 1) }
      switch try values(offset, count) {
      case .texts(let texts):
        whole = .texts(order.arranged(texts, shape: count, sequence: 0))
      case .numbers(let numbers):
        whole = try target(.numbers(order.arranged(numbers, shape: count, sequence: 0)), perStep: steps)
      }
    }
    if kept == steps { return whole }
    switch whole {
    case .texts(let texts): return .texts(Array(texts.prefix(kept)))
    case .numbers(let numbers, let width, let areIntegers) where numbers.count == steps * width && steps > 1:
      return .numbers(Array(numbers.prefix(kept * width)), width: width, areIntegers: areIntegers)
    default: return whole
    }
  }
}
