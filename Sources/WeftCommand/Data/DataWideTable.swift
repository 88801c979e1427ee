import ArgumentParser
import DatasetTools
import WeftBase

/// Converts tables whose rows are series.
struct DataWideTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wide",
    abstract: "Convert tables with a series in each row and a column for each step.",
    discussion: """
      Columns whose names are times, or differ by a number alone, are steps. Empty cells at the ends of a row are not \
      part of its series. Series are assigned to splits by their names, or each is divided with --split-by time.

      Examples:
        weft data wide m4-monthly.csv --names V1 --output m4.h5
        weft data wide seizures.csv --class y --output seizures.h5
        weft data wide windows.csv --target next --output windows.h5
        weft data wide covid.csv --names Country/Region,Province/State --skip Lat,Long --time-format %m/%d/%y -o covid.h5
      """)

  @Argument(help: "The table: .csv or .tsv, also compressed as .gz.", completion: .file())
  var file: String
  @Option(
    help: ArgumentHelp(
      "Columns that name the series, separated by commas. (default: with --class or --target, the number of the row)",
      valueName: "columns"))
  var names: String?
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Column of the class of each series.", valueName: "column"))
  var classColumn: String?
  @Option(
    help: ArgumentHelp(
      "Columns of numbers to predict for each series, separated by commas.", valueName: "columns"))
  var target: String?
  @Option(help: ArgumentHelp("Columns to leave out, separated by commas.", valueName: "columns"))
  var skip: String?
  @Option(
    help: ArgumentHelp(
      "Format of the times that name columns, such as '%m/%d/%y' (see strptime). (default: ISO 8601, or dates in digits)",
      valueName: "format"))
  var timeFormat: String?
  @Option(
    help: ArgumentHelp("Time zone of local times, such as Europe/Berlin. (default: none)", valueName: "zone"))
  var timeZone: String?
  @Option(
    help:
      "How to handle missing values within a series: error, forward (previous value), mean (of it) or keep (NaN)."
  )
  var missing = "error"

  @Option(
    help: ArgumentHelp(
      "How --split divides the series: series (each is in one split) or time (each is cut into consecutive parts).",
      valueName: "way"))
  var splitBy = "series"
  @Option(
    help: ArgumentHelp(
      "Steps that each part of a series but the first begins with besides its own, with --split-by time.",
      valueName: "steps"))
  var leadIn = 0

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var join: [String] = []
  @OptionGroup var form: TableFormatOptions
  @OptionGroup var split: SplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard names != nil || classColumn != nil || target != nil else {
      throw WeftError.usage(
        "--names: name the columns that tell series apart, their classes with --class, or numbers to predict with --target;"
          + " rows of steps alone are numbered by"
          + " nl -w 1 -s , FILE > numbered.csv (-s $'\\t' where tabs separate), for --no-header --names 1")
    }
    if !join.isEmpty {
      let columns = DataTable.list(names ?? "id").map { "'\($0)'" }.joined(separator: ", ")
      throw WeftError.usage(
        "--join: tables are joined to rows of steps, which pandas makes of columns,"
          + " pandas.read_csv('\(PathParts.name(of: file))').melt([\(columns)], None, 'step', 'value')"
          + ".to_csv('steps.csv', index=False), for weft data table steps.csv --join \(join[0])")
    }
    var dataset = WideTableDataset(file: file, names: names.map(DataTable.list) ?? [])
    dataset.classColumn = classColumn
    dataset.targets = target.map(DataTable.list) ?? []
    if target != nil, classColumn != nil {
      throw WeftError.usage("--target cannot be combined with --class; leave one of them out")
    }
    dataset.skipped = skip.map(DataTable.list) ?? []
    if let timeFormat { try dataset.timeReading.setFormat(timeFormat) }
    if let timeZone { dataset.timeReading.zone = try TimeOptions.zone(timeZone) }
    dataset.missing = try missingValues(missing, among: [.error, .forward, .mean, .keep])
    dataset.format = try form.format()
    dataset.plan = try split.plan()
    guard ["series", "time"].contains(splitBy) else {
      throw NearMiss.unknownChoice(splitBy, "way", of: "--split-by", among: ["series", "time"])
    }
    dataset.dividesSeries = splitBy == "time"
    if dataset.dividesSeries, classColumn != nil || target != nil {
      throw WeftError.usage(
        "\(target == nil ? "--class" : "--target") is of a whole series, which --split-by time divides; leave one of them out"
      )
    }
    dataset.leadIn = try LeadInOption.checked(leadIn)
    if leadIn > 0, splitBy != "time" {
      throw WeftError.usage("--lead-in is for series that are cut by time; add --split-by time")
    }
    try output.convert(from: [file]) { try dataset.write(to: $0, progress: $1) }
  }
}
