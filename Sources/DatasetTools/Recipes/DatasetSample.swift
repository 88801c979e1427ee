import HDF5
import WeftBase
import WeftData

/// What a sample of the numbers of a split tells: missing values, signs, distance in time and season.
struct DatasetSample: Sendable {
  /// Whether some inputs, covariates or static features are missing.
  var hasMissingInputs = false
  /// Whether some targets are missing.
  var hasMissingTargets = false
  /// Whether all inputs are above zero.
  var arePositive = false
  /// Whether all targets are 0 or 1.
  var areFlags = false
  /// Whether all targets are rows of 0 with a single 1.
  var areOneHot = false
  /// Whether all targets are whole numbers from 0.
  var areWhole = false
  /// Whether there are covariates.
  var hasCovariates = false
  /// Whether there are features of whole series.
  var hasStatics = false
  /// Whether steps are told to be anomalies or not.
  var hasAnomalyLabels = false
  /// Columns of covariates and of static features that stand for names.
  var categories: [String] = []
  /// Those of static features.
  var staticCategories: [String] = []
  /// Whether most inputs are zero and none is below, as in demand that comes seldom.
  var areMostlyZero = false
  /// The usual distance of steps in time, in seconds; nil without times.
  var secondsPerStep: Double?
  /// Whether steps are the five workdays of a week, also where some of them are holidays.
  var areWorkdays = false
  /// Steps after which the series resemble themselves; nil for none that was found.
  var season: Int?
  /// The beginning of the first feature of the longest series.
  private var beginning: [Double] = []

  /// Values looked at in a dataset; larger ones are sampled in blocks.
  private static let valueCount = 16 << 20
  private static let blockCount = 64

  init(_ group: SequenceGroup, progress: ProgressReporter) throws {
    hasCovariates = group.members.contains { $0.name == "covariates" }
    hasStatics =
      group.layout == .ragged && group.members.contains { $0.name == "static" && $0.rows == .items }
    for member in group.members where ["covariates", "static"].contains(member.name) {
      let names = try member.dataset.featureNames().filter {
        try group.file.contains("categories/\($0.replacing("/", with: "_"))")
      }
      categories += names
      if member.name == "static" { staticCategories += names }
    }
    hasAnomalyLabels = group.layout == .stream && group.members.contains { $0.name == "labels" }
    for member in group.members where member.rows != .offsets && member.dataset.datatype.isNumeric {
      switch member.name {
      case "inputs" where try !member.dataset.datatype.isInteger || PackedValues(of: member.dataset) != nil:
        try lookAtInputs(member, group, progress)
      case "covariates", "static":
        try Self.forEachBlock(member, progress) { values in
          if values.contains(where: \.isNaN) { hasMissingInputs = true }
        }
      case "targets": try lookAtTargets(member, group, progress)
      case "time": try lookAtTimes(member)
      default: continue
      }
    }
  }

  /// Whether the series hardly differ from what they were a season ago.
  func repeatsSeasons(of season: Int?) -> Bool {
    season.map { SeasonSearch.repeats(beginning, season: $0) } ?? false
  }

  /// Whether the beginning of the first feature repeats exactly after a season.
  func isPeriodic(of season: Int?) -> Bool {
    guard let season, season > 0, beginning.count > 2 * season else { return false }
    return zip(beginning.dropFirst(season), beginning).allSatisfy(==)
  }

  /// Whether what the series change by is nearly what they changed by a season ago.
  func hasStrongSeason(of season: Int?) -> Bool {
    season.map { SeasonSearch.isStrong(beginning, season: $0) } ?? false
  }

  private mutating func lookAtInputs(
    _ member: SequenceGroup.Member, _ group: SequenceGroup, _ progress: ProgressReporter
  ) throws {
    var least = Double.infinity
    var isMissing = false
    var (zeros, others) = (0, 0)
    let shape = try member.dataset.shape
    let isDense = group.layout == .dense && shape.count >= 2
    let rowSize = shape.dropFirst().reduce(1, *)
    try Self.forEachBlock(member, progress) { values in
      for value in values { if value == 0 { zeros += 1 } else if !value.isNaN { others += 1 } }
      if isDense {
        // Missing steps at the end of a row are padding.
        for start in stride(from: 0, to: values.count, by: max(rowSize, 1)) {
          let row = values[start..<min(start + rowSize, values.count)]
          let end = row.lastIndex { !$0.isNaN } ?? start
          if row[start..<max(end, start)].contains(where: \.isNaN) { isMissing = true }
          for value in row where value < least { least = value }
        }
      } else {
        for value in values {
          if value.isNaN { isMissing = true }
          if value < least { least = value }
        }
      }
    }
    hasMissingInputs = hasMissingInputs || isMissing
    arePositive = least > 0 && least < .infinity
    areMostlyZero = least == 0 && zeros > others
    if group.layout != .dense { try findSeason(member, group) }
  }

  private mutating func findSeason(_ member: SequenceGroup.Member, _ group: SequenceGroup) throws {
    let first = group.layout == .ragged ? group.rows(member, of: Self.longest(group)) : 0..<group.count
    beginning = try Self.column(member, first.prefix(SeasonSearch.maximumSteps))
    season = SeasonSearch.season(of: beginning)
  }

  private mutating func lookAtTargets(
    _ member: SequenceGroup.Member, _ group: SequenceGroup, _ progress: ProgressReporter
  ) throws {
    var least = Double.infinity
    var (zeros, others) = (0, 0)
    var (areFlags, areWhole, areOneHot, isMissing, isEmpty) = (true, true, true, false, true)
    let width = max(try member.dataset.stepShape.dropFirst().last ?? 1, 1)
    try Self.forEachBlock(member, progress) { values in
      for start in stride(from: 0, to: values.count, by: width) where areOneHot {
        areOneHot = values[start..<min(start + width, values.count)].reduce(0, +) == 1
      }
      for value in values {
        if value.isNaN {
          isMissing = true
        } else {
          isEmpty = false
          if value == 0 { zeros += 1 } else { others += 1 }
          least = min(least, value)
          if value != 0, value != 1 { areFlags = false }
          if value < 0 || value != value.rounded() { areWhole = false }
        }
      }
    }
    hasMissingTargets = isMissing
    self.areFlags = areFlags && !isEmpty
    self.areWhole = areWhole && !isEmpty
    self.areOneHot = areOneHot && self.areFlags
    // What is forecast is the targets, of steps as the inputs are.
    guard group.layout != .dense, member.rows == group.members.first(where: { $0.name == "inputs" })?.rows
    else {
      return
    }
    arePositive = arePositive && least > 0
    areMostlyZero = least == 0 && zeros > others
    try findSeason(member, group)
  }

  private mutating func lookAtTimes(_ member: SequenceGroup.Member) throws {
    guard let count = try member.dataset.shape.first, try member.dataset.shape.count == 1 else { return }
    let times = try Self.column(member, 0..<min(count, 1001))
    let steps = zip(times.dropFirst(), times).map(-).filter { $0 > 0 }.sorted()
    if steps.isEmpty { return }
    secondsPerStep = steps[steps.count / 2]
    areWorkdays = Workdays.have(steps.map { ($0, 1) })
  }

  private static func longest(_ group: SequenceGroup) -> Int {
    (0..<group.count).max { group.length(of: $0) < group.length(of: $1) } ?? 0
  }

  /// The first feature of some rows.
  private static func column(_ member: SequenceGroup.Member, _ rows: Range<Int>) throws -> [Double] {
    let rest = try member.dataset.shape.dropFirst().map { _ in 1 }
    guard !rows.isEmpty else { return [] }
    var values = try member.dataset.read(
      as: Double.self, offset: [rows.lowerBound] + rest.map { _ in 0 }, count: [rows.count] + rest)
    try PackedValues(of: member.dataset)?.unpack(&values)
    return values
  }

  /// Calls `body` with blocks of whole rows, of all rows or spread evenly over them.
  private static func forEachBlock(
    _ member: SequenceGroup.Member, _ progress: ProgressReporter, _ body: ([Double]) -> Void
  ) throws {
    let shape = try member.dataset.shape
    guard let rows = shape.first, rows > 0 else { return }
    let rest = Array(shape.dropFirst())
    let perRow = max(rest.reduce(1, *), 1)
    let blockRows = max(min(valueCount / blockCount / perRow, rows), 1)
    let blocks = min((rows + blockRows - 1) / blockRows, blockCount)
    let packed = try PackedValues(of: member.dataset)
    progress.begin("looking at \(member.dataset.path)", total: blocks, unit: "blocks")
    for block in 0..<blocks {
      // The last block ends with the last row.
      let first = blocks == 1 ? 0 : block * (rows - blockRows) / (blocks - 1)
      var values = try member.dataset.read(
        as: Double.self, offset: [first] + rest.map { _ in 0 }, count: [min(blockRows, rows - first)] + rest)
      packed?.unpack(&values)
      body(values)
      progress.advance()
    }
  }
}

/// Finds how many steps after which a series resembles itself.
enum SeasonSearch {
  /// Steps that are looked at, and the longest season.
  static let (maximumSteps, longest) = (8192, 400)
  /// The least autocorrelation of a season.
  private static let threshold = 0.3

  /// Differences from the season before, as a share of those within a season, below which it repeats.
  private static let repetition = 0.06

  /// Whether the values of a series differ far less from those a season ago than within a season.
  static func repeats(_ series: [Double], season: Int) -> Bool {
    guard season >= 4, series.count > 3 * season else { return false }
    func difference(_ lag: Int) -> Double {
      let differences = zip(series.dropFirst(lag), series).map { abs($0 - $1) }.filter(\.isFinite)
      return differences.isEmpty ? .nan : differences.reduce(0, +) / Double(differences.count)
    }
    let within = [season / 4, season / 2, 3 * season / 4].map(difference).reduce(0, +) / 3
    return difference(season) < repetition * within
  }

  /// The least autocorrelation of the changes of a series at a season that is far more than noise.
  private static let strength = 0.8

  /// Whether the changes of a series are nearly those of the season before.
  static func isStrong(_ series: [Double], season: Int) -> Bool {
    guard season >= 2, series.count > 3 * season, let found = correlations(of: series, upTo: season) else {
      return false
    }
    return found[season] >= strength
  }

  /// The season of a series: the first peak of the autocorrelation of its changes that is nearly as high as the highest;
  /// nil for none.
  static func season(of series: [Double]) -> Int? {
    let limit = min(longest, (series.count - 1) / 3)
    guard limit >= 4, let correlations = correlations(of: series, upTo: limit) else { return nil }
    let peaks = (2..<limit).filter {
      correlations[$0] > threshold && correlations[$0] > correlations[$0 - 1]
        && correlations[$0] >= correlations[$0 + 1]
    }
    guard let highest = peaks.map({ correlations[$0] }).max() else { return nil }
    return peaks.first { correlations[$0] >= 0.9 * highest }
  }

  /// The autocorrelation of the changes of a series at each lag; nil if they do not vary.
  private static func correlations(of series: [Double], upTo limit: Int) -> [Double]? {
    let changes = zip(series.dropFirst(), series).map(-).map { $0.isFinite ? $0 : 0 }
    let mean = changes.reduce(0, +) / Double(changes.count)
    let centered = changes.map { $0 - mean }
    let variance = centered.reduce(0) { $0 + $1 * $1 }
    guard variance > 0, variance.isFinite else { return nil }
    return (0...limit).map { lag -> Double in
      var sum = 0.0
      for index in lag..<centered.count { sum += centered[index] * centered[index - lag] }
      // As if all had the same number of products.
      return sum / variance * Double(centered.count) / Double(centered.count - lag)
    }
  }
}
