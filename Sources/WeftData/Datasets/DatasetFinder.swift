import HDF5
import WeftBase

/// Finds a split's datasets, by names from the configuration or by the conventions of the format.
struct DatasetFinder {
  let group: Group
  let file: String
  let data: DataConfiguration
  let requirements: DataRequirements
  private(set) var vocabulary: Int?
  let targetVocabulary: Int?
  let classes: Int?
  /// Names of the classes of the data, for those stored as texts.
  let classNames: [String]

  /// The file of a dataset, which may be another one.
  func place(of dataset: Dataset) -> String { dataset.file }

  func failure(_ dataset: Dataset, _ message: String) -> WeftError {
    .data("\(place(of: dataset)): dataset \(dataset.path): \(message)")
  }

  /// The same, where integers are not tokens.
  var withoutVocabulary: DatasetFinder {
    var finder = self
    finder.vocabulary = nil
    return finder
  }

  func inputNames() throws -> [String] {
    if !data.inputs.isEmpty { return data.inputs }
    for name in ["tokens", "inputs"] where try group.contains(name) { return [name] }
    throw WeftError.data(
      "\(file): group \(group.path): contains neither 'tokens' nor 'inputs'; name the inputs with data.inputs"
    )
  }

  /// Opens a dataset.
  ///
  /// - Parameter key: The configuration key of its name.
  func dataset(_ name: String, key: String) throws -> Dataset {
    if let other = try OtherFile(name, beside: file) {
      guard try other.file.contains(other.dataset) else {
        let absence = other.file.absence(of: other.dataset, kind: "dataset")
        throw WeftError.data("\(other.file.path): \(absence); name another with \(key)")
      }
      return try checked(other.file.dataset(other.dataset))
    }
    guard try group.contains(name) else {
      let absence = group.absence(of: name, kind: "dataset")
      throw WeftError.data("\(file): group \(group.path): \(absence); name another with \(key)")
    }
    return try checked(group.dataset(name))
  }

  /// - Throws: If the dataset stands for something that is stored elsewhere.
  private func checked(_ dataset: Dataset) throws -> Dataset {
    if let obstacle = try MATLABArray(dataset)?.obstacle { throw failure(dataset, obstacle) }
    if dataset.datatype == .reference {
      throw failure(
        dataset, "has type reference; weft data hdf5 makes a sequence of each object that it refers to")
    }
    return dataset
  }

  func targetName() throws -> String? {
    if requirements.targets == .reversedInputs { return nil }
    if let name = data.targets {
      if try !requirements.needsTargets && data.horizon == nil && !OtherFile.isNamed(by: name)
        && !group.contains(name)
      {
        return nil
      }
      return name
    }
    return try group.contains("targets") ? "targets" : nil
  }

  /// The configured format, or the one that follows from the rank and type of the first input.
  func format(first name: String) throws -> DataFormat {
    if data.format != .auto { return data.format }
    if data.offsets != nil { return .ragged }
    if try group.contains("offsets") { return .ragged }
    let dataset = try dataset(name, key: "data.inputs")
    let rank =
      try inputNames().map { try shape(self.dataset($0, key: "data.inputs")).count }.max() ?? 1
    if try data.lengths != nil || rank >= 3 || rank == 2 && group.contains("lengths") {
      return .dense
    }
    if try shape(dataset).count == 2, isIntegral(dataset), vocabulary != nil { return .dense }
    if rank == 2 { try checkIsStream(dataset) }
    return .stream
  }

  /// A matrix of numbers can be a stream of rows or sequences of single numbers; windows are of streams, and so are
  /// columns with names and rows that are called steps.
  ///
  /// - Throws: If nothing tells which.
  private func checkIsStream(_ dataset: Dataset) throws {
    let shape = try shape(dataset)
    guard shape.count == 2, shape[1] > 1, dataset.datatype.isNumeric, data.window == nil, data.horizon == nil,
      try targetName() != nil, try dataset.featureNames().count != shape[1],
      try dataset.timeAxis != 0
    else {
      return
    }
    throw failure(
      dataset,
      "has the shape \(shape): set data.format to 'dense' for \(shape[0]) sequences of \(shape[1]) steps, or to"
        + " 'stream' for \(shape[0]) steps of \(shape[1]) features"
        + (isIntegral(dataset)
          ? "; numbers of tokens need data.vocabulary_size, their greatest plus one" : ""))
  }

  /// What to do about series without targets, where a model predicts the next step of a stream.
  var streamAdvice: String {
    guard case .values = requirements.targets, requirements.hasOutputPerStep, data.horizon == nil else {
      return ""
    }
    return
      "; the next steps of a stream are learned and searched for anomalies without targets: weft data convert \(file.shellQuoted)"
      + " --layout stream -o stream.h5 makes one of its series"
  }

  /// The shape of a dataset. MATLAB stores vectors as matrices of one row or column, which are treated as vectors.
  func shape(_ dataset: Dataset) throws -> [Int] { try dataset.stepShape }

  /// - Parameter format: Layout of the steps; nil for one row per sequence.
  func reader(
    _ name: String, format: DataFormat?, isTarget: Bool, key: String? = nil
  ) throws -> SequenceReader {
    let dataset = try dataset(name, key: key ?? (isTarget ? "data.targets" : "data.inputs"))
    try dataset.checkIsStored()
    try dataset.checkIsComplete()
    if let obstacle = try dataset.sparseObstacle ?? BitPatterns.obstacle(of: dataset) {
      throw failure(dataset, obstacle)
    }
    if data.offsets == nil, let obstacle = try dataset.indexObstacle { throw failure(dataset, obstacle) }
    let shape = try self.shape(dataset)
    let leading = format == .dense ? 2 : 1
    if isTarget, requirements.wantsTokens {
      var reader = try classReader(dataset, shape: shape, leading: leading)
      reader.mask = try mask(like: shape, leading: leading)
      return reader
    }
    guard dataset.datatype.isNumeric else {
      throw failure(dataset, "has type \(dataset.datatype), expected numbers\(dataset.datatype.numberAdvice)")
    }
    guard (leading...leading + 1).contains(shape.count) else {
      throw wrongRank(dataset, shape, leading, format)
    }
    if !isTarget, let format { try checkTimeAxis(dataset, rank: shape.count, format) }
    let isScalar = shape.count == leading
    if !isTarget, isScalar, isIntegral(dataset), let vocabulary {
      var reader = SequenceReader(
        dataset: dataset, file: file, content: .tokens(vocabulary), isScalar: true)
      reader.isVector = try dataset.isMATLABVector
      return reader
    }
    if name == "tokens", !isTarget, !data.categories.contains(name) {
      throw failure(
        dataset,
        vocabulary == nil
          ? "/vocabulary, the text of each token, is missing"
          : "has type \(dataset.datatype) and shape \(shape); expected one integer per token")
    }
    let width = isScalar ? 1 : shape[shape.count - 1]
    guard width > 0 else { throw failure(dataset, "has no features") }
    var reader = SequenceReader(
      dataset: dataset, file: place(of: dataset), content: .features(width), isScalar: isScalar)
    reader.packed = try packedValues(dataset)
    reader.isVector = try dataset.isMATLABVector
    if isTarget {
      reader.allowsMissing = data.allowsMissingTargets
      if case .values(let range?) = requirements.targets { reader.range = range }
      reader.mask = try mask(like: shape, leading: leading)
    } else {
      reader.missing.policy = data.missingInputs
      reader.isInput = true
    }
    return reader
  }

  /// What the numbers of a dataset mean by the conventions of NetCDF.
  func packedValues(_ dataset: Dataset) throws -> PackedValues? {
    do { return try PackedValues(of: dataset) } catch let error as WeftError {
      throw WeftError.data("\(place(of: dataset)): \(error.message)")
    }
  }

  /// What may be wrong with the order of the inputs' dimensions; empty if nothing hints at it.
  func orderAdvice(_ inputs: Dataset) throws -> String {
    let shape = try inputs.shape
    guard shape.count == 3, let program = try inputs.reversingProgram else { return "" }
    return
      "; \(inputs.path) is \(MATLABArray.text(shape)) in \(program), read as features x steps x sequences: convert another"
      + " order with weft data hdf5 --axes, \(program)'s last dimension first"
  }

  /// Checks that the dimension that is named so is the one that is read as time.
  private func checkTimeAxis(_ dataset: Dataset, rank: Int, _ format: DataFormat) throws {
    guard rank > 1, let time = try dataset.timeAxis, time != (format == .dense ? 1 : 0) else { return }
    let names = try dataset.dimensionNames.map { $0.isEmpty ? "?" : $0 }.joined(separator: ", ")
    let axes = time == 0 || format != .dense ? "F" : "N"
    let letters = (0..<rank).map { $0 == time ? "T" : $0 == 0 ? axes : "F" }.joined()
    throw failure(
      dataset,
      "its dimensions are \(names); as \(format.rawValue) data (data.format), time is the"
        + " \(format == .dense ? "second" : "first"): convert it with weft data hdf5 --axes \(letters)")
  }

  func wrongRank(
    _ dataset: Dataset, _ shape: [Int], _ leading: Int, _ format: DataFormat?
  ) -> WeftError {
    let what = format.map { "\($0.rawValue) data (data.format)" } ?? "one target per sequence"
    var advice = ""
    if let format, format != .stream, shape.count > leading + 1 {
      let more = shape.count - leading
      let rows = shape.prefix(leading).map { "\($0), " }.joined()
      advice = "; make features of the last \(more): x.reshape(\(rows)-1) in Python"
      if format == .dense {
        advice += ", or weft data hdf5 with --axes NT\(String(repeating: "F", count: more))"
      }
    }
    return failure(
      dataset, "has the shape \(shape); \(what) needs \(leading) or \(leading + 1) dimensions\(advice)")
  }

  /// Size of the first dimension, which must not be 0.
  func extent(_ dataset: Dataset) throws -> Int {
    let count = try shape(dataset).first ?? 0
    guard count > 0 else { throw failure(dataset, "is empty") }
    return count
  }

  /// Checks that a dataset has as many steps as the first input: rows, and in dense data time steps.
  func checkSteps(_ dataset: Dataset, as first: Dataset, _ format: DataFormat) throws {
    let (own, wanted) = (try shape(dataset), try shape(first))
    for (dimension, what) in ["rows", "time steps"].prefix(format == .dense ? 2 : 1).enumerated()
    where own[dimension] != wanted[dimension] {
      throw failure(
        dataset, "has \(own[dimension]) \(what), but \(first.name) has \(wanted[dimension])")
    }
  }

  func isIntegral(_ dataset: Dataset) -> Bool {
    switch dataset.datatype {
    case .integer: true
    default: false
    }
  }
}
