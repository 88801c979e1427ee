import ArgumentParser
import DatasetTools
import Foundation
import WeftBase

/// Options of the times in a table.
struct TimeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Time column: ascending numbers or dates. Other dates than those of ISO 8601 need --time-format. Several columns,"
        + " separated by commas, are joined with spaces.", valueName: "columns"))
  var time: String?
  @Option(
    help: ArgumentHelp(
      "Format of times, such as '%d.%m.%Y %H:%M' (see strptime), or of the beginnings of intervals; of numbers s, ms, us,"
        + " ns or excel, the days of spreadsheets. (default: ISO 8601, or told by the size of numbers)",
      valueName: "format"))
  var timeFormat: String?
  @Option(
    help: ArgumentHelp(
      "Time zone of local times, such as Europe/Berlin; the hour that comes twice in autumn is told apart by its order."
        + " (default: UTC)", valueName: "zone"))
  var timeZone: String?
  @Option(
    help: ArgumentHelp(
      "Time between rows, such as 15min, 1h, 1d or 1month: doubled times are left out, and gaps filled as --missing"
        + " tells.",
      valueName: "time"))
  var every: String?
  @Option(
    help: ArgumentHelp(
      "Gather all rows in a step of --every: mean, first, last, min, max or sum of each column. (default: rows must be at"
        + " such steps)", valueName: "way"))
  var resample: String?
  @Flag(help: "Sort the rows by time, within each group.")
  var sort = false

  /// - Throws: If an option is malformed, or has no time column.
  func reading() throws(WeftError) -> TableTime {
    for (name, value) in [("time-format", timeFormat), ("time-zone", timeZone), ("every", every)]
    where value != nil && time == nil {
      throw .usage("--\(name) needs --time, the column of times")
    }
    if sort, time == nil { throw .usage("--sort needs --time, the column of times") }
    var reading = TableTime()
    if let timeFormat { try reading.setFormat(timeFormat) }
    if let timeZone { reading.zone = try Self.zone(timeZone) }
    reading.step = try every.map { text throws(WeftError) in try RowDistance(text) }
    return reading
  }

  /// - Throws: If there is no such way, or no distance of steps.
  func resampling() throws(WeftError) -> TableAggregate? {
    guard let resample else { return nil }
    guard let way = TableAggregate(rawValue: resample) else {
      throw NearMiss.unknownChoice(
        resample, "way", of: "--resample", among: TableAggregate.allCases.map(\.rawValue))
    }
    if every == nil { throw .usage("--resample needs --every, the distance of steps, and --time") }
    return way
  }

  /// The time zone of a name.
  ///
  /// - Throws: If there is none of that name.
  static func zone(_ name: String) throws(WeftError) -> TimeZone {
    guard let zone = TimeZone(identifier: name) else {
      throw .usage("--time-zone: unknown time zone '\(name)'; use a name such as Europe/Berlin or UTC")
    }
    return zone
  }
}
