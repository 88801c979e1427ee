import Foundation
import HDF5
import TestSupport

/// A folder with a small text and a configuration of a tiny model.
enum SmallRun {
  static let configuration = """
    data:
      file: text.h5
      window: 5
    model:
      cell: gru
      hidden: 8
      embedding: 4
      dropout: 0.1
    training:
      batch: 4
      lanes: 4
      steps: 12
      carry_state: true
      evaluate_every: 4
      checkpoint_every: 5
      gradient_flow_every: 3
      log_every: 1
      keep: 9

    """

  /// Calls `body` with the folder, which contains `text.h5` and `small.yaml`.
  static func withFolder(_ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "text.h5").path)
      try file.attributes.set("unit", to: "character")
      try file.write("vocabulary", "\n abcdefg".map(String.init))
      for (split, count) in [("train", 200), ("validation", 60), ("test", 50)] {
        try file.createGroup(split)
        try file.write("\(split)/tokens", (0..<count).map { UInt8($0 * $0 / 3 % 9) })
      }
      try file.close()
      try Data(configuration.utf8).write(to: folder.appending(path: "small.yaml"))
      try body(folder)
    }
  }

  /// The bytes of a file in a run's folder.
  static func contents(_ folder: URL, _ path: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: path))
  }
}
