import Foundation
import HDF5
import TestSupport
import Testing

/// Options of `weft data table` that say how a table is written.
@Suite struct TableCommandTests {
  private static func convert(_ text: String, _ arguments: [String]) throws -> (
    values: [Float], output: String
  ) {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    try Data(text.utf8).write(to: folder.appending(path: "t.csv"))
    try Data("k,y\n2,40\n1,20\n4,50\n".utf8).write(to: folder.appending(path: "other.csv"))
    let made = try Command.run(["data", "table", "t.csv", "--output", "t.h5"] + arguments, in: folder)
    guard made.status == 0 else { return ([], made.errors) }
    let file = try File(opening: folder.appending(path: "t.h5").path)
    return (try file.dataset("train/inputs").read(as: Float.self), made.output)
  }

  /// A value that begins with a dash, as an argument of its own.
  @Test func marksMayBeginWithADash() throws {
    let options = ["--inputs", "x", "--missing", "drop"]
    for mark in [
      ["--missing-mark", "-200"], ["--missing-mark=-200"],
      ["--missing-mark", "-7", "--missing-mark", "-200"],
    ] {
      let found = try Self.convert("x\n1\n-200.0\n3\n", options + mark)
      #expect(found.values == [1, 3], "\(found.output)")
    }
    let told = try Self.convert("x\n1\n3\n", options + ["--missing-mark", "-200"])
    #expect(told.output.contains("--missing-mark '-200' does not occur in the columns"), "\(told.output)")
  }

  @Test(arguments: [
    ("1.5 2\n3   4\n", ["--no-header", "--inputs", "2", "--separator", " "], [2, 4]),
    ("1.5 2\n3   4\n", ["--no-header", "--inputs", "2", "--separator", "space"], [2, 4]),
    ("x;\"y\n1;2\n", ["--inputs", "\"y", "--separator", ";", "--quote", "none"], [2]),
    ("t,x\n1577836800000,2\n", ["--inputs", "x", "--time", "t", "--time-format", "ms"], [2]),
    ("t,x\n2,4\n1,2\n", ["--inputs", "x", "--time", "t", "--sort"], [2, 4]),
    (
      "t,n,v\n1,b,2\n1,a,1\n2,a,3\n2,a,5\n2,b,4\n",
      ["--inputs", "*", "--time", "t", "--names-from", "n", "--values-from", "v", "--duplicates", "mean"],
      [1, 2, 4, 4]
    ),
    ("k,x\n1,2\n2,4\n", ["--inputs", "x,y", "--join", "other.csv"], [2, 20, 4, 40]),
    ("k,x\n1,2\n2,4\n", ["--inputs", "y", "--join", "other.csv:x=k"], [40, 50]),
    ("d,h,x\n2020-01-01,12:00,2\n", ["--inputs", "x", "--time", "d,h", "--every", "1h"], [2]),
  ])
  func formsAreTold(text: String, options: [String], values: [Float]) throws {
    let found = try Self.convert(text, options)
    #expect(found.values == values, "\(found.output)")
  }

  @Test(arguments: [
    (["--quote", "'"], "--quote: ''' is neither \" nor none"),
    (
      ["--time", "x", "--time-format", "%Y %Z"],
      "--time-format: %Z reads the name of a time zone without its meaning"
    ),
    (["--sort"], "--sort needs --time, the column of times"),
    (["--resample", "mean"], "--resample needs --every, the distance of steps, and --time"),
    (["--time", "x", "--every", "1h", "--resample", "median"], "--resample: unknown way 'median'"),
    (["--names-from", "x"], "--names-from needs --values-from"),
    (["--values-from", "x"], "--values-from needs --names-from"),
    (["--duplicates", "mean"], "--duplicates needs --names-from and --values-from"),
    (
      ["--names-from", "x", "--values-from", "x", "--duplicates", "max"],
      "--duplicates: unknown choice 'max'"
    ),
    (["--join", "other.csv"], "--join: other.csv has no column of the same name as the table"),
    (["--join", ":k"], "--join: ':k' is not a file, or a file with columns such as stores.csv:Store"),
    (["--time", "x", "--time-format", "h"], "--time-format: 'h' has no field such as %Y or %H"),
  ])
  func mistakesAreNamed(options: [String], complaint: String) throws {
    let found = try Self.convert("x\n1\n", ["--inputs", "x"] + options)
    #expect(found.output.contains(complaint), "\(found.output)")
  }
}
