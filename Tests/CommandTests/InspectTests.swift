import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct InspectTests {
  /// Writes a small file with one checksummed dataset and returns its path.
  private func makeFile(in folder: URL) throws -> String {
    let path = folder.appending(path: "small.h5").path
    let file = try File(creating: path)
    try file.attributes.set("title", to: "Small")
    try file.createGroup("train")
    let dataset = try file.write(
      "train/values", (0..<4096).map(Float.init), shape: [64, 64], chunk: [16, 64], filters: [.fletcher32])
    try dataset.setDimensionLabels(["sequence", "feature"])
    try dataset.attributes.set("unit", to: "kelvin")
    try file.close()
    return path
  }

  @Test func showsWhatAFileHolds() throws {
    try TemporaryFolder.use { folder in
      let path = try makeFile(in: folder)
      let result = try Command.run("inspect", "small.h5", in: folder)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      #expect(
        result.output == """
          small.h5: \(String(format: "%.1f", Double(size) / 1024)) KiB
            title = "Small"
          /train/
          /train/values  float32 [64, 64]  by sequence, feature  4 chunks of [16, 64]  fletcher32  16.0 KiB
              unit = "kelvin"
          intact: 1 dataset read completely, 1 with checksums

          """)
      #expect(result.errors.isEmpty)
      #expect(result.status == 0)
    }
  }

  @Test func writesJSON() throws {
    try TemporaryFolder.use { folder in
      let path = try makeFile(in: folder)
      let result = try Command.run("inspect", "--json", path)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let objects = try #require(report["objects"] as? [[String: Any]])
      #expect(objects.map { $0["path"] as? String } == ["/train", "/train/values"])
      let contents = try #require(objects[1]["dataset"] as? [String: Any])
      #expect(contents["shape"] as? [Int] == [64, 64])
      #expect(contents["chunk_shape"] as? [Int] == [16, 64])
      #expect(contents["stored_bytes"] as? Int == 4 * (16 * 64 * 4 + 4))
    }
  }

  @Test func findsDamage() throws {
    try TemporaryFolder.use { folder in
      let path = try makeFile(in: folder)
      var bytes = try Data(contentsOf: URL(filePath: path))
      // The value 4095, which occurs once.
      let pattern = withUnsafeBytes(of: Float(4095).bitPattern.littleEndian) { Data($0) }
      let place = try #require(bytes.range(of: pattern, options: .backwards))
      bytes[place.lowerBound] ^= 1
      try bytes.write(to: URL(filePath: path))
      let result = try Command.run("inspect", "small.h5", in: folder)
      #expect(result.output.contains("16.0 KiB  DAMAGED\n"))
      #expect(result.output.hasSuffix("damaged: 1 of 2 objects\n"))
      #expect(result.errors.hasPrefix("weft: error: small.h5: dataset /train/values: "))
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(result.status == 1)
    }
  }

  /// Checkpoints appear and are removed while they are read.
  @Test func aRunAtWorkIsNotDamaged() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder)
      let training = try Command.start(
        [
          "train", "small.yaml", "--output", "run", "--keep", "1", "--set", "training.steps=100000000",
          "--set", "training.checkpoint_every=1",
        ], in: folder)
      defer {
        training.send(SIGKILL)
        _ = try? training.finish()
      }
      for _ in 0..<10_000 where try run.checkpoints("run").isEmpty { usleep(1000) }
      for _ in 0..<15 {
        let result = try Command.run("inspect", "run", in: folder)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.output.contains(", intact\n") && !result.output.contains("DAMAGED"))
      }
      #expect(training.isRunning)
    }
  }

  @Test(arguments: [
    ("no-such.h5", "no-such.h5: cannot open: no such file or directory", 1),
    ("Package.swift", "Package.swift: cannot open: not an HDF5 file", 1),
  ]) func aFileThatCannotBeOpenedIsOneLine(_ path: String, _ message: String, _ status: Int32) throws {
    let result = try Command.run("inspect", path)
    #expect(result.errors == "weft: error: \(message)\n")
    #expect(result.output.isEmpty)
    #expect(result.status == status)
  }
}
