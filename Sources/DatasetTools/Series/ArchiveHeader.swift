import WeftBase

/// Formats of archives, by the ending of a file's name.
enum ArchiveFormat {
  /// Of the UCR and UEA archives, as sktime and aeon write them.
  case ts
  /// Of Weka: a row of numbers for each series, and its class.
  case arff
  /// Of the Monash forecasting archive: attributes of the series, then its values.
  case tsf
  /// Of the UCR archive of 2018, `.tsv`, and of 2015, `.txt` or `.csv`: the class and the values of a series in each row.
  case rows

  init(_ path: String) {
    self =
      switch PathParts.ending(of: path).lowercased() {
      case "arff": .arff
      case "tsf": .tsf
      case "tsv", "txt", "csv": .rows
      default: .ts
      }
  }
}

/// The header of a `.ts` file: lines that start with `@`, up to `@data`. Lines that start with `#` or `%` are comments.
struct ArchiveHeader {
  /// Name of the series.
  var problem: String?
  /// Class names; nil if the target is a number or missing.
  var classes: [String]?
  /// Whether each series has a numeric target.
  var hasNumber = false
  /// How the file is understood, if its format leaves that open.
  var note: String?
  /// Values per step; nil if unknown.
  var dimensions: Int?
  /// Whether all series have equal length; nil if unknown.
  var hasEqualLengths: Bool?

  /// Whether each value has a time stamp.
  var hasTimes = false
  /// The attribute of rows that contains the values of several dimensions, and whether its rows are steps; nil if fields
  /// are steps.
  var relation: (name: String, hasSteps: Bool)?
  /// The names of the dimensions; empty if the file names none.
  var dimensionNames: [String] = []

  /// Fields of a line before its values, of `.tsf`.
  var attributes = 0
  /// Fields of a line of `.arff`, or values of a row of its relation; nil for other formats.
  var fieldCount: Int?
  /// The field that names the series; nil if none does.
  var nameField: Int?
  /// The field of the time of the first step; nil if there is none.
  var startField: Int?
  /// How far apart steps are, and the text that says so; nil if that is unknown.
  var frequency: (text: String, step: ArchiveStep)?
  /// Steps to forecast; nil if the file does not say.
  var horizon: Int?

  /// Whether the last field of a line is its target.
  var hasTarget: Bool { classes != nil || hasNumber }

  /// - Parameter classColumn: The column of the class in rows without a header, counted from 1; nil for the first.
  /// - Throws: If a line of the header is malformed, or a column is named of a file with a header.
  init(_ reader: LineReader, _ format: ArchiveFormat, classColumn: Int? = nil) throws(WeftError) {
    if classColumn != nil, format != .rows {
      throw .usage(
        "--class-column is for rows of .csv, .tsv and .txt; by its name, \(reader.path) begins with a header")
    }
    switch format {
    case .ts: try self.init(ts: reader)
    case .arff, .tsf: try self.init(attributes: reader, format)
    case .rows: try self.init(rows: reader, classColumn)
    }
  }

  /// Files without a header: the classes are values of the rows.
  private init(rows reader: LineReader, _ column: Int?) throws(WeftError) {
    dimensions = 1
    var found: Set<String> = []
    while let line = try reader.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      guard let label = ArchiveRow.divided(line, classColumn: column)?.label else {
        throw reader.failure("has no column \(column ?? 1) of the class")
      }
      guard let name = ArchiveRow.className(label) else {
        if found.isEmpty, let advice = ArchiveRow.headerAdvice(line, file: reader.path) {
          throw reader.failure("names columns; \(advice)")
        }
        let place =
          column.map { "column \($0), '\(label.prefix(40))', is not the number of a class" }
          ?? "begins with '\(label.prefix(40))', not with the number of a class; name its column with --class-column,"
          + " counted from 1, where it is not the first"
        let advice =
          Double(label) == nil
          ? "; weft data wide reads classes with names: --class COLUMN where the first line names columns, otherwise"
            + " --no-header --class \(column ?? 1)" : ""
        throw reader.failure(place + advice)
      }
      found.insert(name)
      guard found.count <= Self.maximumClasses else {
        throw reader.failure(
          "more than \(Self.maximumClasses) different values, which should be classes; tables with a row per step"
            + " are for weft data table")
      }
    }
    classes = found.sorted { (Double($0) ?? 0) < (Double($1) ?? 0) }
    note = "read \(column.map { "column \($0)" } ?? "the first value") of each row as the class of its series"
  }

  private static let maximumClasses = 10_000

  /// The header of Weka's and Monash's files: `@attribute NAME TYPE` for each field.
  private init(attributes reader: LineReader, _ format: ArchiveFormat) throws(WeftError) {
    var fields = ArchiveAttributes()
    while let line = try reader.next() {
      let text = MissingValues.trimmed(line)
      if text.isEmpty || text.hasPrefix("#") || text.hasPrefix("%") { continue }
      let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
      switch words[0].lowercased() {
      case "@data":
        dimensions = 1
        if format == .arff {
          (classes, hasNumber, note) = try fields.target(reader)
          fieldCount = fields.relation?.columns.count ?? fields.count
          if let found = fields.relation {
            relation = (found.name, found.hasSteps)
            dimensions = found.hasSteps ? found.columns.count : nil
            dimensionNames = found.hasSteps ? found.columns : []
          }
        }
        return
      case "@relation": problem = words.count > 1 ? words[1] : nil
      case "@attribute" where format == .tsf:
        let attribute = words.count > 1 ? words[1].lowercased() : ""
        if attribute.hasPrefix("series_name") { nameField = attributes }
        if attribute.hasPrefix("start_timestamp") { startField = attributes }
        attributes += 1
      case "@frequency" where format == .tsf && words.count > 1:
        let text = MissingValues.trimmed(words[1])
        guard let step = ArchiveStep(text) else {
          note = "@frequency '\(text)' is not known, so that no times are written"
          continue
        }
        frequency = (text, step)
      case "@horizon" where format == .tsf && words.count > 1:
        guard let count = Int(MissingValues.trimmed(words[1])), (1...1 << 20).contains(count) else {
          throw reader.failure("@horizon must be followed by a number from 1 on")
        }
        horizon = count
      case "@attribute":
        try fields.add(words.count > 1 ? words[1] : "", reader)
      case "@end": fields.endRelation()
      default: break
      }
    }
    throw .data("\(reader.path): has no line @data; is this an archive of series?")
  }

  private init(ts reader: LineReader) throws(WeftError) {
    while let line = try reader.next() {
      let text = MissingValues.trimmed(line)
      if text.isEmpty || text.hasPrefix("#") || text.hasPrefix("%") { continue }
      guard text.hasPrefix("@") else {
        throw reader.failure("expected a line that starts with @ before @data; is this a .ts file?")
      }
      let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
      let name = words[0].lowercased()
      func boolean() throws(WeftError) -> Bool {
        switch words.count > 1 ? words[1].lowercased() : "" {
        case "true": return true
        case "false": return false
        default: throw reader.failure("\(words[0]) must be followed by true or false")
        }
      }
      switch name {
      case "@data":
        if hasNumber, classes != nil {
          throw reader.failure(
            "both @classLabel and @targetLabel are true; leave out the one that the last field of a line is not"
          )
        }
        return
      case "@problemname": problem = words.dropFirst().joined(separator: " ")
      case "@timestamps":
        hasTimes = try boolean()
      case "@univariate": if try boolean() { dimensions = 1 }
      case "@dimension", "@dimensions":
        guard words.count == 2, let count = Int(words[1]), count > 0 else {
          throw reader.failure("\(words[0]) must be followed by a number above 0")
        }
        dimensions = count
      case "@equallength": hasEqualLengths = try boolean()
      case "@classlabel":
        if try boolean() {
          classes = words.dropFirst(2).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        if classes?.isEmpty == true {
          throw reader.failure("@classLabel true must be followed by the classes' names")
        }
      case "@targetlabel": hasNumber = try boolean()
      case "@missing", "@serieslength": break
      default:
        // Other names are remarks by the authors of a file.
        break
      }
    }
    throw .data("\(reader.path): has no line @data; is this a .ts file?")
  }
}
