import Foundation
import HDF5
import TestSupport

@testable import WeftBase

/// A folder for the commands of the documentation: the datasets of the package, and small files in place of the
/// reader's.
enum DocumentationFolder {
  static func with(_ page: DocumentationPage, _ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let files = FileManager.default
      try files.createSymbolicLink(
        at: folder.appending(path: "datasets"),
        withDestinationURL: Command.packageFolder.appending(path: "datasets"))
      try writeTexts(in: folder)
      try writeTables(in: folder)
      try writeMedia(in: folder)
      // Files that the page tells to write.
      for (name, text) in page.configurations { try write(name, text, in: folder) }
      try body(folder)
    }
  }

  private static func write(_ name: String, _ text: String, in folder: URL) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  private static func fixture(_ path: String) -> String {
    Command.packageFolder.appending(path: "Tests/\(path)").path
  }

  private static func writeTexts(in folder: URL) throws {
    let subjects = ["the cat", "a dog", "my old friend", "the sea", "no one", "every child"]
    let verbs = ["sees", "hears", "forgets", "follows", "paints"]
    let objects = [
      "the moon", "a song", "his name", "the long way home", "an open door", "nothing at all", "rain",
    ]
    let sentences = (0..<600).map { number in
      "\(subjects[number % 6]) \(verbs[number * 7 % 5]) \(objects[number * 5 % 7]) \(number % 11)"
    }
    try write("novel.txt", sentences.map { "\($0).\n" }.joined(), in: folder)
    let reviews = (0..<200).map { number in
      "{\"text\": \"\(sentences[number]), \(number.isMultiple(of: 2) ? "fine" : "dull")\", \"label\": \(number % 2)}\n"
    }
    try write("reviews.jsonl", reviews.joined(), in: folder)
    let tagged = (0..<200).map { "\($0 % 60)\tNUM\n\(["cats", "dogs"][$0 % 2])\tNOUN\n\n" }
    try write("tagged.conll", tagged.joined(), in: folder)
    try write("bible.en", sentences.map { "\($0)\n" }.joined(), in: folder)
    try write("bible.es", sentences.map { "\(String($0.reversed()))\n" }.joined(), in: folder)
  }

  private static func writeTables(in folder: URL) throws {
    // The days of a month, each slightly colder than the previous one.
    func temperature(_ row: Int) -> Double { Double(row % 24) / 3 - 0.1 * Double(row / 24) }
    let rows = (0..<31 * 24).map { row in
      String(
        format: "2020-01-%02dT%02d:00:00,%.1f,%d,%.1f\n", row / 24 + 1, row % 24, temperature(row), row % 24,
        temperature(row + 1))
    }
    try write("temperatures.csv", "date,temp,hour,next\n" + rows.joined(), in: folder)
    // Temperatures of the last 12 hours are not known yet.
    let known = rows.enumerated().map { row, text -> String in
      let fields = text.split(separator: ",")
      return row < rows.count - 12 ? text : "\(fields[0]),,\(fields[2]),\n"
    }
    try write(
      "cases.csv",
      "Province/State,Country/Region,Lat,Long,1/22/20,1/23/20\n,Peru,-9.2,-75,0,1\nHubei,China,30.9,112.2,444,444\n",
      in: folder)
    let values = (0..<12).flatMap { hour in
      ["no2", "pm25"].map { "York,\($0),\(hour + $0.count),µg/m³,2020-01-01T\(10 + hour):00:00Z\n" }
    }
    try write("openaq.csv", "location,parameter,value,unit,date\n" + values.joined(), in: folder)
    try write("series.csv", "id,V1,V2\na,1,2\nb,3,\n", in: folder)
    try write("tomorrow.csv", "date,temp,hour,next\n" + known.joined(), in: folder)
    for (name, source) in [
      ("JapaneseVowels_TRAIN.ts", "Ragged_TRAIN.ts"), ("JapaneseVowels_TEST.ts", "Ragged_TEST.ts"),
    ] {
      try FileManager.default.copyItem(
        atPath: fixture("DatasetToolsTests/Fixtures/\(source)"), toPath: folder.appending(path: name).path)
    }
    let made = try Python.run(archive, folder.appending(path: "series.npz").path)
    if made.status != 0 { throw WeftError.failure(made.output) }
    for name in ["monday.h5", "tuesday.h5"] {
      let file = try File(creating: folder.appending(path: name).path)
      try file.createGroup("train")
      try file.write("train/inputs", (0..<24).map { Float($0) }, shape: [4, 3, 2])
      try file.write("train/targets", [Int32]([0, 1, 1, 0]))
      try file.close()
    }
  }

  /// Writes a NumPy archive with 60 sequences, x, and their classes, y; needs only Python's standard library.
  private static let archive = """
    import struct, sys, zipfile
    def array(kind, shape, values):
        head = repr({"descr": "<" + kind, "fortran_order": False, "shape": shape}).encode()
        head += b" " * (63 - (10 + len(head)) % 64) + b"\\n"
        form = {"f4": "f", "i4": "i"}[kind]
        return (b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(head)) + head
                + struct.pack("<%d%s" % (len(values), form), *values))
    with zipfile.ZipFile(sys.argv[1], "w") as file:
        file.writestr("x.npy", array("f4", (60, 5, 2), list(range(600))))
        file.writestr("y.npy", array("i4", (60,), [i % 3 for i in range(60)]))
    """

  private static func writeMedia(in folder: URL) throws {
    // A tenth of a second is long enough for a short text.
    let lists = [
      ("clips.tsv", ["voice.wav", "voice.flac", "voice.ogg"], "no"),
      ("emoji.tsv", ["rgb.png", "colour.jpg", "rgba.png"], "picture number"),
    ]
    for (name, files, text) in lists {
      // Lines with one file lie in one split.
      let lines = try files.flatMap { file in
        try (1...12).map { number in
          let copy = folder.appending(path: "\(number)-\(file)").path
          try FileManager.default.copyItem(atPath: fixture("MediaTests/Fixtures/\(file)"), toPath: copy)
          return "\(number)-\(file)\t\(text) \(number)\n"
        }
      }
      try write(name, lines.joined(), in: folder)
    }
    for (file, copy) in [("voice.wav", "hello.wav"), ("rgb.png", "cat.png")] {
      try FileManager.default.copyItem(
        atPath: fixture("MediaTests/Fixtures/\(file)"), toPath: folder.appending(path: copy).path)
    }
  }
}
