import Foundation
import HDF5
import Testing

@Suite("Files made by h5py")
struct FixtureTests {
  private static let texts = ["", "plain", "naïve Ünïcödé 🧵", "two words "]

  @Test("numbers of every type and byte order", arguments: Fixture.allCases)
  func numbers(fixture: Fixture) throws {
    let group = try fixture.open().group("numbers")
    for code in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"] {
      for order in ["little", "big"] {
        let dataset = try group.dataset("\(code)_\(order)")
        let expected = code.hasPrefix("u") ? [0, 1, 2, 100] : [0, 1, -2, 100]
        #expect(try dataset.read(as: Float.self) == expected.map(Float.init))
        #expect(try dataset.read(as: Float16.self) == expected.map { Float16($0) })
        #expect(try dataset.read(as: Double.self) == expected.map(Double.init))
        #expect(try dataset.read(as: Int8.self) == expected.map(Int8.init))
        #expect(try dataset.read(as: Int.self) == expected, "\(dataset.name)")
        let width = (Int(code.dropFirst()) ?? 0) * 8
        let name = ["i": "int", "u": "uint", "f": "float"][code.prefix(1)] ?? ""
        let suffix = order == "big" && width > 8 ? " big-endian" : ""
        #expect(dataset.datatype.description == "\(name)\(width)\(suffix)")
      }
    }
    let halves = try group.dataset("halves").read(as: Float.self)
    #expect(halves[..<5] == [1.5, -0.25, 65504, Float(Float16(6e-8)), .infinity])
    #expect(halves[5].isNaN)
  }

  static let storages: [(name: String, filters: String)] = [
    ("contiguous", ""), ("compact", ""), ("chunked", ""), ("gzip", "deflate(4)"),
    ("gzip_shuffle_fletcher32", "shuffle deflate(9) fletcher32"), ("fletcher32", "fletcher32"),
    ("lzf", "lzf"), ("lzf_shuffle", "shuffle lzf"), ("scaleoffset", "scaleoffset"),
  ]

  @Test("every kind of storage", arguments: Fixture.allCases, storages)
  func storage(fixture: Fixture, storage: (name: String, filters: String)) throws {
    let dataset = try fixture.open().dataset("storage/\(storage.name)")
    let expected = (0..<600).map { Float($0 % 97) }
    #expect(try dataset.read(as: Float.self) == expected)
    #expect(try dataset.read(as: Float.self, offset: [3, 28], count: [2, 2]) == [21, 22, 51, 52])
    #expect(try dataset.shape == [20, 30])
    let names = dataset.filters.map { "\($0)".replacing(/scaleoffset.*/, with: "scaleoffset") }
    #expect(names.joined(separator: " ") == storage.filters)
    let isChunked = !["contiguous", "compact"].contains(storage.name)
    #expect(dataset.chunkShape == (isChunked ? [7, 8] : nil))
    #expect(dataset.storageByteCount > 0)
    try dataset.verify()
  }

  @Test("sparse and enormous datasets", arguments: Fixture.allCases)
  func sparse(fixture: Fixture) throws {
    let file = try fixture.open()
    let sparse = try file.dataset("storage/sparse")
    #expect(try sparse.read(as: Int16.self, offset: [1000, 999], count: [1, 5]) == [-1, 1, 2, 3, -1])
    #expect(try sparse.chunkCount == 1)
    #expect(try sparse.chunkInfo(index: 0).offset == [960, 960])
    try sparse.verify()
    #expect(throws: HDF5Error.self) { try sparse.read(as: Int16.self) }
    let enormous = try file.dataset("storage/enormous")
    try enormous.verify()
    #expect(throws: HDF5Error.self) { try enormous.read(as: Float.self) }
  }

  @Test("text of variable and fixed length", arguments: Fixture.allCases)
  func text(fixture: Fixture) throws {
    let group = try fixture.open().group("strings")
    func read(_ name: String) throws -> [String] { try group.dataset(name).read(as: String.self) }
    #expect(try read("variable") == Self.texts)
    #expect(try read("variable_chunked") == Self.texts)
    #expect(try read("variable_ascii") == ["one", "two"])
    #expect(try read("scalar") == ["alone"])
    #expect(try read("numpy") == ["", "abc", "abcdef"])
    #expect(try read("null_terminated") == ["", "abc", "abcde"])
    #expect(try read("null_padded") == ["", "abc", "abcde"])
    #expect(try read("space_padded") == ["", "abc", "a b de"])
    let part = try group.dataset("space_padded").read(as: String.self, offset: [1], count: [2])
    #expect(part == ["abc", "a b de"])
    for child in try group.children { try group.dataset(child.name).verify() }
  }

  @Test("types are described", arguments: Fixture.allCases)
  func descriptions(fixture: Fixture) throws {
    let file = try fixture.open()
    let expected = [
      "special/bool": "bool", "special/enum": "enum{BLUE=42, GREEN=1, RED=0}",
      "special/compound": "compound{x: float32, id: int64 big-endian, name: string[4]}",
      "special/array_type": "int16[2, 3]", "special/sequence": "sequence of int32",
      "special/opaque": "opaque[2]", "special/reference": "reference", "special/empty": "float32",
      "strings/variable": "string", "strings/numpy": "string[6]",
    ]
    for (name, description) in expected {
      let dataset = try file.dataset(name)
      #expect(dataset.datatype.description == description)
      try dataset.verify()
    }
    #expect(try file.dataset("special/empty").dataspace.description == "null")
    #expect(try file.dataset("special/scalar").dataspace.description == "scalar")
    #expect(try file.dataset("special/no_rows").dataspace.description == "[0, 3]")
  }

  @Test("Booleans, enumerations, single and missing values", arguments: Fixture.allCases)
  func special(fixture: Fixture) throws {
    let group = try fixture.open().group("special")
    #expect(try group.dataset("bool").read(as: Bool.self) == [true, false, true])
    #expect(try group.dataset("bool").read(as: Float.self) == [1, 0, 1])
    #expect(try group.dataset("enum").read(as: Int32.self) == [42, 0, 1])
    #expect(try group.dataset("scalar").readScalar(as: Int.self) == 7)
    #expect(try group.dataset("empty").read(as: Float.self) == [])
    #expect(try group.dataset("no_rows").read(as: Float.self) == [])
  }

  @Test("attributes are read and shown", arguments: Fixture.allCases)
  func attributes(fixture: Fixture) throws {
    let file = try fixture.open()
    #expect(try file.attributes.value("title", as: String.self) == "Fixture")
    #expect(try file.attributes.value("version", as: Int32.self) == 3)
    let attributes = try file.dataset("numbers/f4_little").attributes
    #expect(try attributes.values("big", as: Int.self) == [1, 2, 3])
    #expect(try attributes.value("bytes", as: String.self) == "fixed")
    #expect(try attributes.values("matrix", as: Float.self) == (0..<12).map(Float.init))
    #expect(try attributes.values("texts", as: String.self) == Self.texts)
    let shown = try attributes.all.map { "\($0.name) \($0.text)" }
    #expect(
      shown == [
        "big [1, 2, 3]", "bytes \"fixed\"", "compound <compound{x: float32, id: int64}>", "empty null",
        "flag true", "float 0.1", "matrix [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, …]",
        "texts [\"\", \"plain\", \"naïve Ünïcödé 🧵\", \"two words \"]",
      ])
    #expect(try file.group("numbers").attributes.all.first?.text == "0.5")
    #expect(try file.dataset("storage/chunked").dimensionLabels == ["row", "column"])
  }

  @Test("links, and a walk that ends in spite of cycles", arguments: Fixture.allCases)
  func links(fixture: Fixture) throws {
    let file = try fixture.open()
    let children = try file.group("links").children
    #expect(children.map(\.name) == ["circle", "dangling", "external", "hard", "inner", "soft"])
    #expect(children.map(\.kind) == [nil, nil, nil, .dataset, .group, .dataset])
    #expect(children[1].link == .soft(target: "/nowhere"))
    #expect(children[2].link == .external(file: "other.h5", target: "/there"))
    #expect(try !file.contains("links/dangling") && !file.contains("links/circle"))
    #expect(try file.dataset("links/soft").read(as: Int.self) == [0, 1, -2, 100])
    var visits: [String: Visit] = [:]
    try file.visit { visits[$0.child.path] = $0 }
    #expect(visits["/links/inner/deep/back"]?.isRepeated == true)
    #expect(visits["/links/inner/deep/root"]?.isRepeated == true)
    #expect(visits["/links/inner/deep/back"]?.depth == 3)
    #expect(visits["/links/hard"]?.isRepeated == false)
    #expect(visits["/numbers/f4_little"]?.isRepeated == true)
    #expect(visits["/named_type"]?.child.kind == .datatype)
    #expect(visits["/strings/numpy"]?.child.isDataset == true)
    #expect(visits.count == 68)
  }

  @Test("raw chunks", arguments: Fixture.allCases)
  func rawChunks(fixture: Fixture) throws {
    let file = try fixture.open()
    let dataset = try file.dataset("storage/chunked")
    #expect(try dataset.chunkCount == 12)
    let chunk = try #require(try dataset.readRawChunk(offset: [7, 8]))
    #expect(chunk.bytes.count == 7 * 8 * 4)
    let first = chunk.bytes.withUnsafeBytes { $0.loadUnaligned(as: Float.self) }
    #expect(first == Float((7 * 30 + 8) % 97))
    let offsets = try (0..<12).map { try dataset.chunkInfo(index: $0).offset }
    #expect(Set(offsets).count == 12)
    let info = try #require(try dataset.chunkInfo(offset: [14, 24]))
    #expect(info.byteCount == 224 && info.filterMask == 0 && info.address > 0)
    let lzf = try file.dataset("storage/lzf")
    #expect(try lzf.chunkByteCount(offset: [0, 0]) == lzf.readRawChunk(offset: [0, 0])?.bytes.count)
    let sparse = try file.dataset("storage/sparse")
    #expect(try sparse.readRawChunk(offset: [0, 0]) == nil)
    #expect(try sparse.chunkInfo(offset: [0, 0]) == nil)
    #expect(try file.dataset("storage/enormous").readRawChunk(offset: [0, 64]) == nil)
  }
}
