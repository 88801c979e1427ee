import Foundation
import TestSupport
import Testing

@testable import Interchange

/// Files of `torch.save` that claim absurd numbers, name what they must not, or stand for far more than they contain.
@Suite struct HostilePickleTests {
  private typealias Member = StoredArchive.Member

  // MARK: - Pickles

  private static let start: [UInt8] = [0x80, 2]
  private static func text(_ text: String) -> [UInt8] {
    [0x58] + little(text.utf8.count, 4) + Array(text.utf8)
  }
  private static func name(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }
  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  /// An integer of 8 bytes.
  private static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + little(value, 8) }
  private static func tuple(_ parts: [UInt8]...) -> [UInt8] { [0x28] + parts.flatMap(\.self) + [0x74] }
  private static func integers(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(integer) + [0x74] }
  private static func dictionary(_ entries: [(String, [UInt8])]) -> [UInt8] {
    [0x7D, 0x28] + entries.flatMap { text($0.0) + $0.1 } + [0x75]
  }

  /// A tensor of the storage '0'.
  private static func tensor(_ offset: Int, _ shape: [Int], _ strides: [Int], storage: String = "0")
    -> [UInt8]
  {
    name("torch._utils", "_rebuild_tensor_v2")
      + tuple(
        tuple(
          text("storage"), name("torch", "FloatStorage"), text(storage), text("cpu"), integer(16)) + [0x51],
        integer(offset), integers(shape), integers(strides), [0x89],
        name("collections", "OrderedDict") + [0x29, 0x52]) + [0x52]
  }

  private func message(_ pickle: [UInt8], _ others: [StoredArchive.Member] = []) throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      StoredArchive.bytes(
        [
          Member(name: "x/data.pkl", bytes: Self.start + pickle + [0x2E]),
          Member(name: "x/data/0", bytes: [UInt8](repeating: 1, count: 64)),
        ] + others), to: "x.pt")
    do {
      _ = try InterchangeFormat.pytorch.read(path)
      return "imported"
    } catch {
      #expect("\(error)".hasPrefix(path), "\(error)")
      return "\(error)"
    }
  }

  @Test func tensorsOfAnyShape() throws {
    for (offset, shape, strides, complaint) in [
      (0, [1 << 62, 4], [4, 1], "which no tensor has"), (0, [-1], [1], "which no tensor has"),
      (0, [2, 2], [-2, 1], "which no tensor has"), (-1, [4], [1], "which no tensor has"),
      (0, [2], [1, 1], "which no tensor has"),
      (0, [Int](repeating: 1, count: 9), [Int](repeating: 1, count: 9), "no"),
      (.max, [4], [1], "exceeds its storage"), (13, [4], [1], "exceeds its storage"),
      (0, [17], [1], "exceeds its storage"), (0, [2, 2], [.max, .max], "exceeds its storage"),
      // Each element many times.
      (0, [1 << 20, 1 << 20], [0, 0], "unpacks to more than"),
      (0, [1 << 40, 0], [1, 1], "expected a matrix"),
      (12, [4], [1], "expected a matrix"), (0, [1, 4], [.max, 1], "'weight_hh_l0' is missing"),
    ] {
      let message = try message(Self.dictionary([("weight_ih_l0", Self.tensor(offset, shape, strides))]))
      #expect(message.contains(complaint), "\(shape) \(strides): \(message)")
    }
    let other = try message(Self.dictionary([("weight_ih_l0", Self.tensor(0, [4], [1], storage: "../0"))]))
    #expect(other.contains("storage ../0 is missing"), "\(other)")
  }

  @Test func operationsAndNamesOutsideTheLists() throws {
    for pickle in [
      Array("(S'a'\nios\nsystem\n".utf8), Array("cos\nsystem\n(S'a'\no".utf8), [0x82, 1], [0x83, 1, 0],
      [0x84, 1, 0, 0, 0], Array("P1\n".utf8), Array("I01\n".utf8), Array("F1\n".utf8), Array("p0\n".utf8),
      [0x97], [0x98], [0x00], [0xFF],
    ] {
      let message = try message(pickle)
      #expect(message.contains("operation 0x") || message.contains("os.system"), "\(message)")
    }
    for (module, name) in [
      ("os", "system"), ("builtins", "eval"), ("builtins", "exec"), ("__builtin__", "getattr"),
      ("subprocess", "Popen"),
      ("torch", "load"), ("torch.nn.modules.rnn", "LSTM"), ("torch", "FloatStorage.from_file"),
      ("numpy.core.multiarray", "fromfile"), ("collections", "namedtuple"), ("", ""),
    ] {
      let message = try message(Self.dictionary([("a", Self.name(module, name))]))
      #expect(
        message.contains("names the Python") || message.contains("contains the Python name"), "\(message)")
    }
    // Only names can be called.
    #expect(try message([0x7D, 0x29, 0x52]).contains("calls something that is no function"))
  }

  @Test func stacksThatAreTooShort() throws {
    for operation in 0...255 as ClosedRange<UInt8> where operation != 0x2E {
      for arguments in [
        [], [0], [0, 0, 0, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      ]
        as [[UInt8]]
      {
        #expect(try message([operation] + arguments) != "imported")
        #expect(try message([0x7D, operation] + arguments) != "imported")
        #expect(try message([0x7D, 0x28, operation] + arguments) != "imported")
      }
    }
  }

  @Test func structuresThatContainThemselves() throws {
    // d["state_dict"] = d, and in each of many dictionaries the one before, twice.
    let own = [0x7D, 0x71, 0] + Self.text("state_dict") + [0x68, 0, 0x73] as [UInt8]
    #expect(try message(own).contains("no dictionary of tensors"))
    var doubling: [UInt8] = [0x7D, 0x71, 0, 0x30]
    for number in 0..<60 as Range<UInt8> {
      doubling += [0x7D, 0x28] + Self.text("a") + [0x68, number] + Self.text("b") + [0x68, number, 0x75]
      doubling += [0x71, number + 1, 0x30]
    }
    #expect(try message(doubling + [0x68, 60]).contains("no dictionary of tensors"))
    #expect(try message([UInt8](repeating: 0x28, count: 1_000_000)).contains("ends too early"))
    #expect(try message([UInt8](repeating: 0x5D, count: 3_000_000)).contains("objects"))
    let nested = [UInt8](repeating: 0x29, count: 1) + [UInt8](repeating: 0x85, count: 1_000_000)
    #expect(try message(nested).contains("no dictionary of tensors"))
    // Dictionaries made of one another, each of all entries so far.
    let entries: [UInt8] = (0..<2000).flatMap { number -> [UInt8] in Self.text("\(number)") + [0x4E] }
    var copies: [UInt8] = [0x7D, 0x28] + entries + [0x75, 0x85, 0x71, 0, 0x30]
    for _ in 0..<3000 { copies += Self.name("collections", "OrderedDict") + [0x68, 0, 0x52, 0x30] }
    #expect(try message(copies + [0x7D]).contains("objects"))
  }

  // MARK: - Files

  /// Cut off anywhere, and with each byte changed.
  @Test(arguments: ["torch-plain.pt", "torch-zip.pt", "torch-lightning-plain.ckpt"])
  func filesCutAndChanged(_ name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try [UInt8](Data(contentsOf: URL(filePath: "\(ForeignFileTests.fixtures.folder)/\(name)")))
    let step = max(whole.count / 300, 1)
    for place in stride(from: 0, to: whole.count - 1, by: step) {
      let cut = try folder.write(Array(whole[..<place]), to: "cut.pt")
      #expect(throws: (any Error).self) { try InterchangeFormat(of: cut).read(cut) }
      var changed = whole
      changed[place] ^= 0xFF
      let path = try folder.write(changed, to: "changed.pt")
      // Numbers may change unseen where there is no checksum.
      do { _ = try InterchangeFormat(of: path).read(path) } catch { #expect("\(error)".hasPrefix(path)) }
    }
  }

  @Test func archivesThatLie() throws {
    let pickle = Self.dictionary([("weight_ih_l0", Self.tensor(0, [4, 4], [4, 1]))])
    for (others, complaint) in [
      ([Member(name: "x/data/0", bytes: [])], "contains 'x/data/0' twice"),
      ([Member(name: "y/data.pkl", bytes: [])], "contains 2 files data.pkl"),
      ([Member(name: "x/byteorder", bytes: Array("big".utf8))], "big-endian"),
      ([Member(name: "x/code/x.py", bytes: [])], "TorchScript"),
      ([Member(name: "x/other", bytes: [1], place: 1)], "overlap"),
    ] { #expect(try message(pickle, others).contains(complaint)) }
  }
}
