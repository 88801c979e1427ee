import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing
import WeftBase

@Suite struct ArrayTests {
  @Test(arguments: ["stored.npz", "deflated.npz"]) func archivesHoldWhatNumPySaved(_ name: String) throws {
    let fixture = try Fixture()
    let (file, _) = try fixture.make {
      try ArrayDataset(files: [Fixture.path(name)]).write(to: $0, progress: $1)
    }
    let golden = try File(opening: Fixture.path("arrays.h5"))
    let names = try golden.children.map(\.name)
    #expect(names.count == 14)
    for name in names {
      let (own, wanted) = (try file.dataset("train/\(name)"), try golden.dataset(name))
      #expect(own.datatype == wanted.datatype, "\(name)")
      #expect(try own.shape == wanted.shape, "\(name)")
      #expect(try own.read(as: Double.self) == wanted.read(as: Double.self), "\(name)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) == ["out.h5"])
  }

  @Test func allVersionsOfTheFormat() throws {
    let fixture = try Fixture()
    var dataset = ArrayDataset(files: (1...3).map { Fixture.path("version\($0).npy") })
    dataset.names = ["version3": "test/inputs"]
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    for name in ["train/version1", "train/version2", "test/inputs"] {
      #expect(try file.dataset(name).shape == [2, 3])
      #expect(try file.dataset(name).read(as: Double.self) == [0, 1, 2, 3, 4, 5])
    }
  }

  /// Files of Sleep-EDF have single texts and objects beside their arrays.
  @Test(.enabled(if: Python.has("numpy"), Python.missing)) func singleValuesAreLeftOut() throws {
    let fixture = try Fixture()
    let made = try Python.run(
      """
      import numpy as np
      np.savez("x.npz", x=np.arange(12.0).reshape(2, 3, 2), y=np.arange(2), fs=100.0, ch_label="EEG",
               header=np.array({"a": 1}, dtype=object))
      np.savez("ragged.npz", x=np.array([[1], [2, 3]], dtype=object), y=np.arange(2))
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    let (file, summary) = try fixture.make {
      try ArrayDataset(files: [fixture.path("x.npz")]).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/x").read(as: Double.self) == (0..<12).map(Double.init))
    #expect(try !file.contains("train/ch_label") && !file.contains("train/header"))
    #expect(
      summary.notes.contains { $0.hasPrefix("left out ch_label: ") && $0.contains("texts in the shape []") })
    #expect(
      summary.notes.contains { $0.hasPrefix("left out header: ") && $0.contains("contains Python objects") })
    // Sequences are no single value.
    #expect(
      fixture.failure { try ArrayDataset(files: [fixture.path("ragged.npz")]).write(to: $0, progress: $1) }
        .contains("x.npy: contains Python objects, such as arrays of different lengths"))
    var named = ArrayDataset(files: [fixture.path("ragged.npz")])
    named.names = ["y": "targets"]
    #expect(
      try fixture.make { try named.write(to: $0, progress: $1) }.summary.notes.contains {
        $0.hasPrefix("left out x: ")
      })
  }

  /// Texts of a fixed length, in UTF-32 of either byte order or bytes.
  @Test(.enabled(if: Python.has("numpy"), Python.missing), arguments: ["<U6", ">U6", "S8"])
  func textsAreKept(_ type: String) throws {
    let fixture = try Fixture()
    let ending = type == "S8" ? "[t.encode() for t in texts]" : "texts"
    let made = try Python.run(
      """
      import numpy as np
      texts = ["walk", "", "läuft", "sit 🧵"[:5]]
      np.savez("x.npz", inputs=np.zeros((4, 2)), targets=np.array(\(ending), "\(type)"))
      np.save("times.npy", np.array(["2026-01-01"], "M8[D]")); np.save("grid.npy", np.array([["a"]]))
      import pickle; pickle.dump([1], open("x.npy", "wb"))
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    let (file, _) = try fixture.make {
      try ArrayDataset(files: [fixture.path("x.npz")]).write(to: $0, progress: $1)
    }
    #expect(
      try file.dataset("train/targets").read(as: String.self) == ["walk", "", "läuft", "sit 🧵"])
    for (name, message) in [
      ("times", "which are times; save x.astype('datetime64[s]').astype('int64')"),
      ("grid", "has texts in the shape [1, 1]; save one for each row"),
      ("x", "is a Python pickle, not an array; in Python, load it, and save its arrays with numpy.savez"),
    ] {
      let failure = fixture.failure {
        try ArrayDataset(files: [fixture.path("\(name).npy")]).write(to: $0, progress: $1)
      }
      #expect(failure.contains(message), "\(failure)")
    }
  }

  /// `numpy.load` reads the first alone.
  @Test func arraysThatFollowAnotherAreTold() throws {
    let fixture = try Fixture()
    let one = try Data(contentsOf: URL(fileURLWithPath: Fixture.path("version1.npy")))
    try (one + one).write(to: fixture.folder.appending(path: "two.npy"))
    let failure = fixture.failure {
      try ArrayDataset(files: [fixture.path("two.npy")]).write(to: $0, progress: $1)
    }
    #expect(
      failure.hasSuffix("two.npy: contains another array after the first; save them by name with numpy.savez")
    )
  }

  @Test func whatIsNoArrayIsNamed() throws {
    let fixture = try Fixture()
    func failure(_ path: String) -> String {
      fixture.failure { try ArrayDataset(files: [path]).write(to: $0, progress: $1) }
    }
    #expect(failure(Fixture.path("complex.npy")).contains("complex.npy: has type '<c16'"))
    let objects = "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }".padding(
      toLength: 118, withPad: " ", startingAt: 0)
    let object = try fixture.write(
      "\u{93}NUMPY\u{1}\u{0}\u{76}\u{0}" + objects, "objects.npy", encoding: .isoLatin1)
    #expect(
      failure(object).contains(
        "objects.npy: contains Python objects, such as arrays of different lengths or dictionaries, which"))
    #expect(
      failure(object).contains("inputs=numpy.concatenate(x), offsets=numpy.cumsum([0] + [len(a) for a in x])")
    )
    #expect(
      failure(try fixture.write("no array", "text.npy")).hasSuffix(
        "text.npy: is not a NumPy array; save it with numpy.save"))
    #expect(
      failure(try fixture.write("no archive", "text.npz")).hasSuffix(
        "is not a ZIP archive; save it with numpy.savez"))
    var bytes = try Data(contentsOf: URL(filePath: Fixture.path("version1.npy")))
    try bytes.dropLast(8).write(to: URL(filePath: fixture.path("cut.npy")))
    #expect(
      failure(fixture.path("cut.npy")).hasSuffix(
        "claims 48 bytes of values, but contains 40; is it truncated?"))
    // The archive's checksums find damage.
    bytes = try Data(contentsOf: URL(filePath: Fixture.path("stored.npz")))
    let place = try #require(bytes.range(of: Data("NUMPY".utf8))?.upperBound) + 122
    bytes[place] ^= 0xFF
    try bytes.write(to: URL(filePath: fixture.path("damaged.npz")))
    #expect(failure(fixture.path("damaged.npz")).contains("is damaged"))
  }

  /// Reading an archive or array with arbitrary first bytes ends in a dataset or an error.
  @Test func mutatedFilesEnd() throws {
    let fixture = try Fixture()
    var random = SplitMix(seed: 1)
    for name in ["deflated.npz", "version1.npy"] {
      let original = try Data(contentsOf: URL(filePath: Fixture.path(name)))
      var (written, refused) = (0, 0)
      for _ in 0..<60 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let path = fixture.path("mutated.\(name.hasSuffix("z") ? "npz" : "npy")")
        try bytes.write(to: URL(filePath: path))
        do {
          let (file, _) = try fixture.make { try ArrayDataset(files: [path]).write(to: $0, progress: $1) }
          #expect(try !file.root.children.isEmpty)
          written += 1
        } catch let error as WeftError {
          #expect(error.message.contains(path) && !error.message.contains("\n"), "\(error.message)")
          refused += 1
        }
      }
      #expect(written > 0 && refused > 0, "\(name): \(written) written, \(refused) refused")
    }
  }

  /// Traffic of PEMS, [time, nodes, features], as `reshape(time, nodes * features)`.
  @Test func axesOfTraffic() throws {
    let fixture = try Fixture()
    let golden = try File(opening: Fixture.path("arrays.h5"))
    var dataset = ArrayDataset(files: [Fixture.path("stored.npz")])
    dataset.names = ["doubles": "inputs"]
    let (plain, told) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try plain.dataset("train/inputs").shape == [3, 4, 5])
    #expect(
      told.notes.contains(
        "train/inputs float64 [3, 4, 5]: 3 sequences of 4 steps of 5 features; --axes TFF makes it one series of 3 steps"
      ))
    dataset.axes = "TFF"
    let (file, summary) = try fixture.make("t.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").shape == [3, 20])
    #expect(
      try file.dataset("train/inputs").read(as: Double.self)
        == golden.dataset("doubles").read(as: Double.self))
    #expect(
      summary.notes.contains("train/inputs float64 [3, 4, 5], read as one series of 3 steps of 20 features"))
    for (axes, message) in [
      ("NFT", "--axes: NFT is another order than N, T, F; save the array with numpy.transpose first"),
      ("TF", "has the shape [3, 4, 5], but TF names 2 dimensions"),
      ("XT", "--axes: 'XT' is not an order of N"),
    ] {
      dataset.axes = axes
      #expect(fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(message), "\(axes)")
    }
    (dataset.axes, dataset.names) = ("TFF", [:])
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "--axes is for the array 'inputs'; name it with --name")
  }

  @Test("files of MNIST are arrays whose names tell the splits") func idx() throws {
    let fixture = try Fixture()
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
      try Data(bytes).write(to: fixture.folder.appending(path: name))
      return fixture.path(name)
    }
    let images = try write(
      [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + (0..<12).map { UInt8($0) }, "train-images-idx3-ubyte"
    )
    let labels = try write([0, 0, 8, 1, 0, 0, 0, 2, 7, 9], "train-labels-idx1-ubyte")
    let (file, _) = try fixture.make {
      try ArrayDataset(files: [images, labels]).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/inputs").shape == [2, 2, 3])
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<12))
    #expect(try file.dataset("train/targets").read(as: Int.self) == [7, 9])
    let wide = try write([0, 0, 0x0B, 1, 0, 0, 0, 2, 1, 2, 0xFF, 0xFE], "x")
    let (other, _) = try fixture.make { try ArrayDataset(files: [wide]).write(to: $0, progress: $1) }
    #expect(try other.dataset("train/x").read(as: Int.self) == [258, -2])
    let short = try write([0, 0, 8, 1, 0, 0, 0, 9, 7, 9], "short")
    let failure = fixture.failure { try ArrayDataset(files: [short]).write(to: $0, progress: $1) }
    #expect(failure.contains("claims 9 bytes of values, but contains 2"), "\(failure)")
  }
}
