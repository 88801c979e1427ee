import Foundation
import TestSupport
import Testing

@testable import HDF5

@Suite("Damaged files end in errors, not in crashes")
struct HostileFileTests {
  /// Reads everything in a file and stops at the first failure.
  private func explore(_ path: String) throws {
    let file = try File(opening: path)
    _ = try? file.attributes.all
    try file.visit { visit in
      if visit.child.isDataset {
        let dataset = try file.dataset(visit.child.path)
        _ = dataset.datatype.description
        _ = try? dataset.attributes.all
        _ = try? dataset.read(as: Float.self)
        _ = try? dataset.read(as: String.self)
        try? dataset.verify()
      }
    }
  }

  @Test("truncated files", arguments: Fixture.allCases)
  func truncation(fixture: Fixture) throws {
    let folder = try TemporaryFolder()
    let bytes = try fixture.bytes()
    let lengths = Array(0..<128) + Array(stride(from: 128, to: bytes.count, by: 997)) + [bytes.count - 1]
    for length in lengths {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: folder.file()))
      #expect(throws: HDF5Error.self) { try explore(folder.file()) }
    }
  }

  /// Time is given to each object of a file that is examined, of which there may be hundreds of thousands.
  @Test("an examination counts objects")
  func examinedObjects() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    for group in 0..<3 { try file.write("group\(group)/values", [1, 2, 3]) }
    try file.close()
    var count = 0
    Survey().examine(folder.file()) { count += 1 }
    #expect(count == 6)
  }

  @Test("a dataset that claims to be enormous is not read at once")
  func enormous() throws {
    let file = try Fixture.earliest.open()
    let messages = [
      "storage/enormous": "it claims more elements than can be counted",
      "storage/sparse": "are more than this machine's memory",
    ]
    for (name, message) in messages {
      let dataset = try file.dataset(name)
      do {
        _ = try dataset.read(as: Float.self)
        Issue.record("\(name) was read")
      } catch {
        #expect(error.kind == .tooLarge)
        #expect(error.description.contains(message))
      }
    }
  }

  @Test("rows without elements, which a loop would count for ever, are rejected")
  func rowsWithoutElements() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    _ = try file.createDataset("many", of: Float.self, shape: [1 << 40, 0])
    _ = try file.createDataset("none", of: Float.self, shape: [0, 3])
    #expect(try file.dataset("none").shape == [0, 3])
    do {
      _ = try file.dataset("many").shape
      Issue.record("it was read")
    } catch { #expect("\(error)".contains("1099511627776 rows without elements")) }
  }

  @Test("groups nested deeper than anyone nests them are not walked")
  func deepGroups() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    try file.createGroup((0..<300).map { "g\($0)" }.joined(separator: "/"))
    do {
      try file.visit { _ in }
      Issue.record("they were walked")
    } catch { #expect("\(error)".contains("nested more than 256 deep")) }
  }

  @Test("a chunk with less data than its shape is rejected", arguments: ["dense", "ragged", "text"])
  func shortChunk(seed: String) throws {
    let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fuzz/Corpus")
    let file = try File(opening: corpus.appending(path: "Hostile/\(seed)-short-chunk.h5").path)
    var refused = 0
    try file.visit { visit in
      guard visit.child.isDataset else { return }
      let dataset = try file.dataset(visit.child.path)
      guard dataset.datatype.isNumeric, let chunk = dataset.chunkShape, chunk[0] == 1 << 18 else { return }
      #expect { try dataset.verify() } throws: { ($0 as? HDF5Error)?.kind == .damaged }
      #expect { _ = try dataset.read(as: Float.self) } throws: { ($0 as? HDF5Error)?.kind == .damaged }
      refused += 1
    }
    #expect(refused == 1)
  }

  /// The library decodes these: text, numbers of an odd precision, sequences, and chunks without filters.
  @Test(
    "a chunk of any type with less data than its shape is rejected",
    .enabled(if: Python.has("h5py"), Python.missing))
  func shortChunkOfAnyType() throws {
    let folder = try TemporaryFolder()
    let made = try Python.run(
      #"""
      import sys, h5py, numpy
      with h5py.File(sys.argv[1], "w") as file:
          odd = h5py.h5t.STD_I32LE.copy()
          odd.set_precision(24)
          def make(name, dtype, compression, mask, count, **options):
              d = file.create_dataset(name, (4000,), dtype, chunks=(4000,), compression=compression, **options)
              d.id.write_direct_chunk((0,), b"\1" * count, mask)
          make("text", "S16", "gzip", 1, 1526)
          make("shuffled", "S16", "gzip", 3, 1526, shuffle=True)
          make("plain", "<f4", None, 0, 1526)
          make("plain text", "S16", None, 0, 1526)
          make("good text", "S16", "gzip", 1, 64000)
          space = h5py.h5s.create_simple((4000,))
          create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
          create.set_chunk((4000,))
          create.set_deflate(1)
          d = h5py.h5d.create(file.id, b"odd", odd, space, create)
          d.write_direct_chunk((0,), b"\1" * 1526, 1)
      """#, folder.file("short.h5"))
    #expect(made.status == 0, "\(made.output)")
    let file = try File(opening: folder.file("short.h5"))
    for name in ["text", "shuffled", "plain text", "plain", "odd"] {
      let dataset = try file.dataset(name)
      #expect(throws: HDF5Error.self, "\(name)") { try dataset.verify() }
      let other = try file.dataset(name)
      #expect(throws: HDF5Error.self, "\(name)") {
        if name.contains("text") || name == "shuffled" {
          _ = try other.read(as: String.self)
        } else {
          _ = try other.read(as: Float.self)
        }
      }
      if !dataset.datatype.isNumeric { continue }
      #expect(throws: HDF5Error.self, "\(name)") {
        _ = try ChunkReader(try file.dataset(name)).fetch(0, recycling: [])
      }
    }
    #expect(try file.dataset("good text").read(as: String.self).count == 4000)
  }

  @Test("a large dataset that was never written is read in parts only")
  func unwritten() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    let dataset = try file.createDataset(
      "x", of: Float.self, shape: [1 << 26], chunk: [1 << 16], fillValue: 3)
    do {
      _ = try dataset.read(as: Float.self)
      Issue.record("it was read")
    } catch {
      #expect(error.kind == .tooLarge)
      #expect(
        error.description.hasSuffix("it claims 268435456 bytes but stores 0: read parts of it instead"))
    }
    #expect(try dataset.read(as: Float.self, offset: [1 << 25], count: [2]) == [3, 3])
  }
}
