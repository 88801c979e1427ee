import Foundation
import HDF5
import Interchange
import TestSupport
import Testing
import WeftBase

/// Files as people save them with PyTorch and Keras (`Fixtures/README.md`), and what is taken for such files.
@Suite struct ForeignFileTests {
  static let fixtures = ForeignFixtures("files")

  @Test func allAreThere() { #expect(Self.fixtures.names.count >= 25) }

  @Test(arguments: fixtures.names)
  func givesTheSame(_ name: String) throws {
    #expect(try Self.fixtures.model(name).difference() < InteropTests.tolerance)
  }

  private func notes(_ name: String) throws -> String {
    let path = "\(Self.fixtures.folder)/\(name)"
    return try InterchangeFormat(of: path).read(path).notes.joined(separator: "\n")
  }

  @Test func whatIsAssumedIsTold() throws {
    let lightning = try notes("torch-lightning.ckpt")
    #expect(lightning.contains("takes the weights of 'state_dict'"))
    #expect(lightning.contains("ignores 'loss.weight'"))
    #expect(
      try notes("torch-ordered.pt").contains("'zeta', then 'alpha', then 'output' to stand on one another"))
    #expect(try notes("keras-zero-row.keras").contains("masks token 0, whose embedding is zeros"))
    #expect(try notes("torch-cells.pt").contains("the cell 'cells.1' to run over all steps"))
    let path = "\(Self.fixtures.folder)/torch-lightning.ckpt"
    let last = try InterchangeFormat.pytorch.read(path, hints: NetworkHints(outputSteps: .lastStep)).notes
    #expect(last.contains { $0.contains("final states of both directions") })
  }

  @Test(arguments: [
    ("whole.pt", "whole Python object of the class __main__.Network"),
    ("whole-plain.pt", ".state_dict(), \"weights.pt\")"),
    ("whole-inside.pt", "weights_only=False)[\"model\"].state_dict()"), ("tensor.pt", "is a tensor"),
    ("list.pt", "no dictionary of tensors"),
    ("several.pt", "several state dictionaries, 'generator', 'critic'"),
    ("sparse.pt", "'output.weight' is a tensor of another layout"), ("complex.pt", "is of type complex64"),
    ("orthogonal.pt", "remove_parametrizations(MODULE, \"weight_hh_l0\")"),
    ("script.pt", "is a TorchScript program"), ("command.pt", "posix.system"),
    ("command-plain.pt", "posix.system"),
  ])
  func moreThanWeightsIsRefused(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name)"
    let message = errorMessage { _ = try InterchangeFormat(of: path).read(path) }
    #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
    #expect(!FileManager.default.fileExists(atPath: "weft-was-here"))
  }

  /// What Keras's layers compute depends on how they are called; all obstacles are told at once.
  @Test(arguments: [
    ("initial-state.keras", "its decoder reads features of 5 and writes 9"),
    ("cell-state.keras", "layer 'encoder': its cell state after the last step is read"),
    ("backward.keras", "recurrent layer 1 has directions of different kinds"),
    ("merge.keras", "layer 'both': merge_mode null is not supported"),
    ("repeat.weights.h5", "layer 'repeat_vector': has no weights, and a file of weights does not say"),
    ("many.keras", "layer 'second': UpSampling1D is not supported"),
  ])
  func kerasIsRefusedWithReasons(_ name: String, _ complaint: String) throws {
    let path = "\(Self.fixtures.folder)/refused/\(name)"
    let message = errorMessage { _ = try InterchangeFormat(of: path).read(path) }
    #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
  }

  @Test func filesAreNamedForWhatTheyAre() throws {
    let folder = try TemporaryFolder()
    let table: [UInt8] = [UInt8](repeating: 0, count: 40) + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
    for (name, bytes, complaint) in [
      ("empty.pt", [], "is empty"), ("a.h5", Array(lfs.utf8), "git lfs pull"),
      ("b.pt", Array("\n<!DOCTYPE HTML><html>".utf8), "is a web page"),
      ("c.h5", Array("<html><body>".utf8), "is a web page"),
      ("d.tflite", [0x1C, 0, 0, 0] + Array("TFL3....".utf8), "TensorFlow Lite"),
      ("e.npy", [0x93] + Array("NUMPY\u{1}".utf8), "NumPy array"),
      ("f.pkl", [0x80, 4, 0x95, 1], "Python pickle that torch.save did not write"),
      ("g.index", table, "TensorFlow checkpoint"),
      ("h.data-00000-of-00001", [1, 2, 3], "TensorFlow checkpoint"),
      ("checkpoint", Array("model_checkpoint_path: \"model\"".utf8), "TensorFlow checkpoint"),
      ("saved_model.pb", [0x08, 1], "SavedModel"), ("i.tar.gz", [0x1F, 0x8B, 8], "compressed archive"),
      ("j.json", Array("{\"class_name\": \"Sequential\"}".utf8), "without its weights"),
      ("k.json", Array("{\"weight_map\": {}}".utf8), "in several files"),
      ("l.gguf", Array("GGUF".utf8), "GGUF"),
      (
        "m.npz", StoredArchive.bytes([StoredArchive.Member(name: "a.npy", bytes: [1])]),
        "archive of NumPy arrays"
      ),
      (
        "n.zip", StoredArchive.bytes([StoredArchive.Member(name: "a.txt", bytes: [1])]),
        "neither of torch.save"
      ),
      (
        "o.zip", StoredArchive.bytes([StoredArchive.Member(name: "m/saved_model.pb", bytes: [1])]),
        "SavedModel"
      ), ("p.pt", Array("PK\u{3}\u{4}cut".utf8), "is not a ZIP archive; was it downloaded"),
      (
        "q.keras", StoredArchive.bytes([StoredArchive.Member(name: "config.json", bytes: Array("{}".utf8))]),
        "unsupported model class"
      ),
    ] as [(String, [UInt8], String)] {
      let path = try folder.write(bytes, to: name)
      let message = errorMessage { _ = try InterchangeFormat(of: path).read(path) }
      #expect(message.contains(complaint) && message.hasPrefix(path), "\(name): \(message)")
    }
    for (name, member, complaint) in [
      ("saved", "saved_model.pb", "load_model(\""),
      ("hub", "model.safetensors", "name the file model.safetensors"),
      ("run", "configuration.yaml", "run of Weft"), ("other", "x", "is a folder; name the model's file"),
    ] {
      let path = folder.file(name)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      _ = try folder.write([1], to: "\(name)/\(member)")
      let message = errorMessage { _ = try InterchangeFormat(of: path) }
      #expect(message.contains(complaint) && message.hasPrefix(path), "\(message)")
    }
  }

  /// The weights of an archive are unpacked to a file that does not stay.
  @Test func nothingStays() throws {
    func temporary() throws -> Set<String> {
      Set(
        try FileManager.default.contentsOfDirectory(atPath: FileManager.default.temporaryDirectory.path)
          .filter { $0.hasPrefix("weft-keras") && $0.contains("-\(getpid())-") })
    }
    let path = "\(Self.fixtures.folder)/keras-lstm.keras"
    _ = try InterchangeFormat.keras.read(path)
    let folder = try TemporaryFolder()
    let damaged = try folder.write(
      StoredArchive.bytes([
        StoredArchive.Member(
          name: "config.json", bytes: Array("{\"class_name\":\"Sequential\",\"config\":{\"layers\":[]}}".utf8)
        ),
        StoredArchive.Member(name: "model.weights.h5", bytes: [1, 2, 3]),
      ]), to: "x.keras")
    let message = errorMessage { _ = try InterchangeFormat.keras.read(damaged) }
    #expect(message.hasPrefix("\(damaged): model.weights.h5: "), "\(message)")
    // Other tests of this process may be reading one.
    for _ in 0..<100 where try !temporary().isEmpty { usleep(50_000) }
    #expect(try temporary().isEmpty)
  }
}
