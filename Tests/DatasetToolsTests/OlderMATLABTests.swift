import DatasetTools
import Foundation
import HDF5
import Testing

@testable import WeftBase

/// Files of MATLAB before 7.3, written by scipy: `Fixtures/MATLAB/make_matlab.py`.
@Suite struct OlderMATLABTests {
  private static func convert(
    _ name: String, _ inputs: String, targets: String? = nil, axes: String = "", in fixture: Fixture
  ) throws -> File {
    var dataset = HierarchyDataset(files: [Fixture.path("MATLAB/\(name)")], inputs: [inputs])
    (dataset.targets, dataset.axes) = (targets, axes)
    return try fixture.make { try dataset.write(to: $0, progress: $1) }.file
  }

  @Test(arguments: ["level5.mat", "level5_compressed.mat"], [("X", "Y"), ("record/x", "record/label")])
  func cellsAreSequences(_ name: String, arrays: (String, String)) throws {
    let file = try Self.convert(name, arrays.0, targets: arrays.1, in: Fixture())
    var values: [Double] = []
    for (i, steps) in [3, 1, 7, 4].enumerated() {
      for t in 0..<steps { values += [Double(100 * i + t), Double(100 * i + 10 + t)] }
    }
    #expect(try file.dataset("train/inputs").shape == [15, 2])
    #expect(try file.dataset("train/inputs").read(as: Double.self) == values)
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 4, 11, 15])
    #expect(try file.dataset("classes").read(as: String.self) == ["läuft", "sit", "walk"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [2, 1, 2, 0])
  }

  @Test(arguments: ["level4.mat", "level5.mat"]) func matricesAreStreams(_ name: String) throws {
    let file = try Self.convert(name, "signal", axes: "FT", in: Fixture())
    #expect(try file.dataset("train/inputs").shape == [10, 2])
    #expect(try file.dataset("train/inputs").read(as: Double.self) == (0..<20).map(Double.init))
  }

  @Test func integersKeepTheirValues() throws {
    let file = try Self.convert("level5.mat", "counts", axes: "FT", in: Fixture())
    #expect(try file.dataset("train/inputs").read(as: Double.self) == (0..<12).map(Double.init))
  }

  @Test(arguments: ["level4.mat", "level5.mat"]) func filesAreNotTakenForDamagedOnes(_ name: String) {
    let failure = #expect(throws: HDF5Error.self) { try File(opening: Fixture.path("MATLAB/\(name)")) }
    let message = failure.map { "\($0)" } ?? ""
    #expect(message.contains("it is of MATLAB before 7.3; weft inspect shows"), "\(message)")
  }

  /// Whatever is missing, matio would read as zeros.
  @Test(arguments: ["level4.mat", "level5.mat", "level5_compressed.mat"])
  func filesThatEndEarlyAreRefused(_ name: String) throws {
    let fixture = try Fixture()
    let whole = try Data(contentsOf: URL(filePath: Fixture.path("MATLAB/\(name)")))
    let path = fixture.path("cut.mat")
    for count in [whole.count - 1, whole.count * 2 / 3, 150] {
      try whole.prefix(count).write(to: URL(filePath: path))
      let failure = fixture.failure {
        try HierarchyDataset(files: [path], inputs: ["signal"]).write(to: $0, progress: $1)
      }
      #expect(failure == "\(path): ends early; was it downloaded or copied completely?", "\(count) bytes")
    }
  }

  @Test func dataThatCannotBeDecompressedAreRefused() throws {
    let fixture = try Fixture()
    var bytes = try Data(contentsOf: URL(filePath: Fixture.path("MATLAB/level5_compressed.mat")))
    bytes[bytes.count - 40] ^= 0xFF
    let path = fixture.path("changed.mat")
    try bytes.write(to: URL(filePath: path))
    let failure = fixture.failure {
      try HierarchyDataset(files: [path], inputs: ["signal"]).write(to: $0, progress: $1)
    }
    #expect(failure == "\(path): is damaged: cannot be decompressed")
  }

  @Test func datasetsThatAreMissingAreToldWithOthers() throws {
    let fixture = try Fixture()
    let whatIsThere = Fixture.path("MATLAB/level5.mat")
    let missing = fixture.failure {
      try HierarchyDataset(files: [whatIsThere], inputs: ["Z"]).write(to: $0, progress: $1)
    }
    let names = "its datasets are '/X', '/Y', '/counts', '/record/label', '/record/x', '/signal'"
    #expect(missing == "\(whatIsThere): no dataset 'Z'; \(names)")
    let near = fixture.failure {
      try HierarchyDataset(files: [whatIsThere], inputs: ["/signals"]).write(to: $0, progress: $1)
    }
    #expect(near == "\(whatIsThere): no dataset '/signals'; did you mean '/signal'?")
  }
}
