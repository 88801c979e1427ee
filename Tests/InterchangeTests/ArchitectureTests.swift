import Foundation
import HDF5
import Interchange
import TestSupport
import Testing
import WeftBase

@testable import WeftConfiguration
@testable import WeftLayers

/// The architectures that people write with other programs: each comes in and computes the same, or is refused for what
/// it has that Weft has not.
@Suite(
  .enabled(if: InteropPython.path != nil, "WEFT_INTEROP_PYTHON names no Python; 'make interop' sets one up"))
struct ArchitectureTests {
  /// A folder with the files of an earlier run, which need not be made again.
  private static let made = ProcessInfo.processInfo.environment["WEFT_INTEROP_ARCHITECTURES"]

  /// Words of the reasons for which architectures are refused, by name without the file's suffix.
  private static let refused = [
    "refused-images": "the inputs have 3 axes", "refused-repeat-longer": "repeats 9 steps of sequences of 8",
    "refused-repeat-both": "reads the repeated steps backward",
    "refused-repeat-unknown": "a fixed number of steps",
    "refused-attention-layer": "layer",
    "refused-two-outputs": "has 2 outputs",
    "refused-translation": "its decoder reads features of 3",
  ]

  @Test(arguments: [("keras3", 220), ("keras2", 220), ("torch", 40)])
  func comeIn(_ program: String, _ count: Int) throws {
    let temporary = try TemporaryFolder()
    let folder = Self.made ?? temporary.path
    if Self.made == nil {
      let script = program == "torch" ? "make_modules.py" : "make_architectures.py"
      let result = try InteropPython.run(script, [folder] + (program == "torch" ? [] : [program]))
      #expect(result.status == 0, "\(result.errors)")
    }
    let file = try File(opening: "\(folder)/\(program).h5")
    let names = try file.root.children.map(\.name)
    #expect(names.count >= count)
    for name in names {
      let model = try ForeignModel(file.group(name), folder: folder)
      let reason = Self.refused.first { name.hasPrefix($0.key) }?.value
      do {
        let difference = try model.difference()
        print("| \(program) | \(name) |", String(format: "%.1e |", difference))
        #expect(difference < InteropTests.tolerance && reason == nil, "\(name)")
        _ = try ImportedRun(model.format.read(model.path, hints: model.hints), file: model.path)
      } catch {
        print("| \(program) | \(name) | \(error) |")
        #expect(reason.map { "\(error)".contains($0) } ?? false, "\(name): \(error)")
      }
    }
  }
}
