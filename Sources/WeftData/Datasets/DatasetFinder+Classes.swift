import HDF5
import WeftBase

extension DatasetFinder {
  /// A reader of classes, however they are stored: integers, whole floating-point numbers, enumerations, texts, or one
  /// one-hot row each.
  ///
  /// - Parameter leading: Dimensions of steps or sequences; another one may hold a single number or a one-hot row.
  func classReader(_ dataset: Dataset, shape: [Int], leading: Int) throws -> SequenceReader {
    let isToken = requirements.targets == .targetTokens
    if isToken, targetVocabulary == nil {
      throw WeftError.data(
        "\(file): /target_vocabulary, the text of each target token, is missing")
    }
    let isUnit = shape.count == leading + 1 && shape[leading] == 1
    let isRow = shape.count == leading + 1 && !isUnit && requirements.wantsClasses
    guard shape.count == leading || isUnit || isRow,
      let coding = try coding(of: dataset, isRow: isRow, shape)
    else {
      throw failure(
        dataset,
        "has type \(dataset.datatype) and shape \(shape); loss.kind \(requirements.lossName) needs one integer class"
          + " per step or sequence" + (outputAdvice(rank: shape.count, leading: leading) ?? "")
          + (try isRow && areSeveralLabels(dataset, shape)
            ? "; for several labels at once, of 0 and 1, set loss.kind: binary-cross-entropy" : ""))
    }
    var bound = isToken ? targetVocabulary : targetClasses
    if bound == nil, case .oneHot(let count) = coding { bound = count }
    guard let bound else {
      throw failure(dataset, "unknown number of classes; set model.output_size")
    }
    if case .oneHot(let count) = coding, count > bound {
      throw failure(dataset, "has rows of \(count) classes, but there are \(bound)")
    }
    var reader = SequenceReader(
      dataset: dataset, file: place(of: dataset), content: .tokens(bound), isScalar: !isUnit)
    reader.coding = coding
    if !isToken, case .numbers = coding {
      reader.packed = try packedValues(dataset)
      if reader.packed != nil { reader.coding = .wholeNumbers }
    } else if !isToken, case .wholeNumbers = coding {
      reader.packed = try packedValues(dataset)
    }
    reader.isVector = try dataset.isMATLABVector
    reader.allowsMissing = data.allowsMissingTargets
    if !isToken { reader.tokenRange = .classes }
    if case .labels(_, let blank) = requirements.targets {
      reader.tokenRange = .labels
      reader.blank = blank
    }
    return reader
  }

  /// What to set where classes are of steps and those of sequences are wanted, or the other way round.
  private func outputAdvice(rank: Int, leading: Int) -> String? {
    guard case .classes = requirements.targets else { return nil }
    if !requirements.hasOutputPerStep, rank == leading + 1 {
      return "; for one at each step set model.output: every-step"
    }
    if requirements.hasOutputPerStep, rank < leading {
      return "; for one for each sequence set model.output to last-step or mean"
    }
    return nil
  }

  /// How a dataset stores classes; nil if it cannot.
  private func coding(of dataset: Dataset, isRow: Bool, _ shape: [Int]) throws -> ClassCoding? {
    if isRow {
      guard dataset.datatype.isNumeric, shape[shape.count - 1] > 1, try isOneHot(dataset, shape)
      else {
        return nil
      }
      return .oneHot(shape[shape.count - 1])
    }
    switch dataset.datatype {
    case .integer: return .numbers
    case .float: return .wholeNumbers
    case .enumeration(_, let members):
      if requirements.targets == .targetTokens { return nil }
      let ordered = members.sorted { $0.value < $1.value }
      var classes: [Int32: Int32] = [:]
      for (number, member) in ordered.enumerated() {
        classes[Int32(clamping: member.value)] = Int32(number)
      }
      return .values(classes)
    case .string, .fixedString:
      guard requirements.wantsClasses, shape.count <= 2 else { return nil }
      return try texts(dataset, rowLength: shape.dropFirst().reduce(1, *))
    default: return nil
    }
  }

  private func texts(_ dataset: Dataset, rowLength: Int) throws -> ClassCoding {
    let numbers = Dictionary(
      zip(classNames, classNames.indices.map { Int32($0) }), uniquingKeysWith: { first, _ in first }
    )
    let texts = try dataset.read(as: String.self)
    var classes: [Int32] = []
    classes.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() {
      guard let number = numbers[text] else {
        throw failure(
          dataset, "class '\(text)' in row \(index / max(rowLength, 1)) is not one of /classes")
      }
      classes.append(number)
    }
    return .texts(classes, rowLength: rowLength)
  }

  /// Whether the first rows are one-hot.
  private func isOneHot(_ dataset: Dataset, _ shape: [Int]) throws -> Bool {
    let rows = try firstRows(of: dataset, shape)
    // Padding is zeros.
    return rows.contains { ClassCoding.position(in: $0) != nil }
      && rows.allSatisfy { row in ClassCoding.position(in: row) != nil || row.allSatisfy { $0 == 0 }
      }
  }

  /// Whether the first rows are of 0 and 1, and one has several of 1.
  private func areSeveralLabels(_ dataset: Dataset, _ shape: [Int]) throws -> Bool {
    guard dataset.datatype.isNumeric else { return false }
    let rows = try firstRows(of: dataset, shape)
    return rows.allSatisfy { $0.allSatisfy { $0 == 0 || $0 == 1 } }
      && rows.contains { row in row.count { $0 == 1 } > 1 }
  }

  private func firstRows(of dataset: Dataset, _ shape: [Int]) throws -> [ArraySlice<Float>] {
    var count = shape
    count[0] = min(shape[0], 8)
    if count.contains(0) { return [] }
    if count.count > 2 { count[1] = min(count[1], 8) }
    let values = try dataset.read(as: Float.self, offset: shape.map { _ in 0 }, count: count)
    let width = shape[shape.count - 1]
    return stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width] }
  }

  /// Number of target classes.
  private var targetClasses: Int? {
    switch requirements.targets {
    case .labels(let count, let blank):
      // Without an explicit blank, one output is added for it.
      classes ?? targetVocabulary ?? count.map { blank == nil ? $0 - 1 : $0 }
    case .classes(let count): classes ?? count ?? targetVocabulary
    case .targetTokens, .values, .reversedInputs: nil
    }
  }

  /// The weights of targets or sequences.
  ///
  /// - Parameters:
  ///   - key: The key of the configuration that names them.
  ///   - format: Layout of what they weight; nil for one row per sequence.
  ///   - wanted: Shape of what they weight.
  ///   - what: What that is.
  func weights(
    _ name: String, key: String, format: DataFormat?, shape wanted: [Int], of what: String
  ) throws -> SequenceReader {
    var reader = try withoutVocabulary.reader(name, format: format, isTarget: false, key: key)
    let own = try shape(reader.dataset)
    let leading = format == .dense ? 2 : 1
    guard reader.width == 1, own.prefix(leading) == wanted.prefix(leading) else {
      throw failure(
        reader.dataset,
        "has the shape \(own); weights need one number for each \(what), in the shape"
          + " \(Array(wanted.prefix(leading)))")
    }
    reader.missing.policy = .error
    reader.range = 0...Float.greatestFiniteMagnitude
    return reader
  }

  /// The mask of targets, if the configuration names one.
  func mask(like shape: [Int], leading: Int) throws -> TargetMask? {
    guard let name = data.mask else { return nil }
    let dataset = try dataset(name, key: "data.mask")
    let own = try dataset.shape
    guard dataset.datatype.isNumeric, own.prefix(leading) == shape.prefix(leading),
      own.dropFirst(leading).allSatisfy({ $0 == 1 }),
      own.count <= leading + 1
    else {
      throw failure(
        dataset,
        "has type \(dataset.datatype) and shape \(own); a mask needs one number for each target, in the shape"
          + " \(Array(shape.prefix(leading)))")
    }
    try dataset.checkIsComplete()
    return TargetMask(
      dataset: dataset, file: place(of: dataset), hasUnitDimension: own.count > leading)
  }
}
