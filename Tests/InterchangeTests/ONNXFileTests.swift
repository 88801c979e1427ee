import Foundation
import HDF5
import TestSupport
import Testing
import WeftBase

@testable import Interchange

/// ONNX files as PyTorch's exporters write them, with weights in a file beside them (`Fixtures/README.md`).
@Suite struct ONNXFileTests {
  static let folder = "\(Bundle.module.bundlePath)/Fixtures/onnx"

  static func names(_ folder: String = folder) -> [String] {
    (try? File(opening: "\(folder)/expected.h5").root.children.map(\.name)) ?? []
  }

  @Test func allAreThere() { #expect(Self.names().count >= 16) }

  private func check(_ name: String, in folder: String) throws {
    let file = try File(opening: "\(folder)/expected.h5")
    #expect(
      try ForeignModel(file.group(name), folder: folder).difference() < InteropTests.tolerance, "\(name)")
  }

  @Test(arguments: names()) func givesTheSame(_ name: String) throws { try check(name, in: Self.folder) }

  /// Of sizes at which exporters fold constants, and at which they do not.
  @Test(
    .enabled(if: InteropPython.path != nil, "WEFT_INTEROP_PYTHON names no Python; 'make interop' sets one up")
  )
  func largeNetworksGiveTheSame() throws {
    try TemporaryFolder.use { folder in
      let result = try InteropPython.run("make_onnx_files.py", [folder.path, "300:lstm-both,gru-position"])
      #expect(result.status == 0, "\(result.errors.suffix(2000))")
      let names = Self.names(folder.path)
      #expect(names.count == 2)
      for name in names { try check(name, in: folder.path) }
    }
  }

  @Test func statesAreTakenAsZero() throws {
    for name in ["lstm-states-7", "lstm-states-old-7"] {
      let notes = try InterchangeFormat.onnx.read("\(Self.folder)/\(name)/m.onnx").notes
      #expect(notes.contains { $0.contains("are inputs of the graph; takes them as zero") }, "\(notes)")
    }
  }

  @Test(arguments: [
    ("exporter.onnx", ["lacks linear_before_reset", "onnxscript 0.5.7 to 0.7.0"]),
    ("clip.onnx", ["clip 3.0"]),
    ("shape.onnx", ["reshapes 4 axes in a way that depends on the sizes"]),
    ("unrolled.onnx", ["writes nn.RNN and cells step by step"]),
    // All at once.
    ("several.onnx", ["operator Sinh 'first': is not supported; operator Erf 'second': is not supported"]),
  ]) func refusesWhatItCannotTell(_ name: String, _ complaints: [String]) throws {
    let path = "\(Self.folder)/refused/\(name)"
    let message = errorMessage { _ = try InterchangeFormat.onnx.read(path) }
    #expect(complaints.allSatisfy(message.contains) && message.hasPrefix(path), "\(message)")
  }

  /// Names, offsets and lengths of other files that are not those of the model.
  @Test func otherFilesStayInTheFolder() throws {
    let folder = try TemporaryFolder()
    let source = "\(Self.folder)/lstm-7"
    try FileManager.default.createDirectory(atPath: folder.file("in"), withIntermediateDirectories: true)
    let data = folder.file("in/m.onnx.data")
    try FileManager.default.copyItem(atPath: "\(source)/m.onnx.data", toPath: data)
    try FileManager.default.copyItem(atPath: data, toPath: folder.file("outside"))
    let path = folder.file("in/m.onnx")
    func message(_ key: String, _ value: String?) throws -> String {
      var model = try ONNXModel(reading: "\(source)/m.onnx").message
      for place in model.graph.initializers.indices where model.graph.initializers[place].isExternal {
        model.graph.initializers[place].external.removeAll { $0.key == key }
        guard let value else { continue }
        var entry = ONNXProtoEntry()
        (entry.key, entry.value) = (key, value)
        model.graph.initializers[place].external.append(entry)
      }
      try model.serializedData().write(to: URL(filePath: path))
      return errorMessage { _ = try InterchangeFormat.onnx.read(path) }
    }
    #expect(try message("x", nil) == "")
    for value in [
      "../outside", folder.file("outside"), "a/../../outside", "./m.onnx.data", "", "C:m.onnx.data", "..",
      "a\\..\\outside", "m.onnx.data/",
    ] {
      let refusal = try message("location", value)
      #expect(refusal.contains("not a name within the folder"), "\(value): \(refusal)")
    }
    #expect(try message("location", "missing").contains("keep 'missing' beside the model"))
    #expect(try message("location", nil).contains("does not name it"))
    for value in ["-1", "x", "99999999999999999999"] {
      #expect(try message("offset", value).contains("its offset is '\(value)'"))
    }
    for value in ["1000000", "\(Int.max)"] {
      #expect(try message("offset", value).contains("is the file that of another model?"))
    }
    #expect(try message("length", "4").contains("for a shape of"))
    // A tensor of any size does not fit.
    var model = try ONNXModel(reading: "\(source)/m.onnx").message
    for place in model.graph.initializers.indices where model.graph.initializers[place].isExternal {
      model.graph.initializers[place].shape = [1 << 40]
    }
    try model.serializedData().write(to: URL(filePath: path))
    #expect(errorMessage { _ = try InterchangeFormat.onnx.read(path) }.contains("unpacks to more than"))
    try FileManager.default.removeItem(atPath: data)
    #expect(errorMessage { _ = try InterchangeFormat.onnx.read("\(path)") }.contains("No such file"))
    // A pipe would block.
    mkfifo(data, 0o600)
    #expect(errorMessage { _ = try InterchangeFormat.onnx.read("\(path)") }.contains("not a regular file"))
  }
}
