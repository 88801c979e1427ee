import Foundation
import TestSupport
import Testing

@testable import HDF5

@Suite("Failures are told in one line")
struct ErrorTests {
  private let folder: TemporaryFolder
  private var path: String { folder.file() }

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Expects a failure of a kind and, after the folder's name, with exactly this text.
  private func expect(
    _ kind: HDF5Error.Kind, _ message: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as HDF5Error {
      #expect(error.kind == kind, sourceLocation: sourceLocation)
      #expect(
        error.description.replacing(folder.path + "/", with: "") == message, sourceLocation: sourceLocation)
      #expect(error.localizedDescription == error.description, sourceLocation: sourceLocation)
    } catch {
      Issue.record(error, sourceLocation: sourceLocation)
    }
  }

  @Test("files that cannot be opened")
  func opening() throws {
    expect(.fileNotFound, "data.h5: cannot open: no such file or directory") { _ = try File(opening: path) }
    expect(.fileNotFound, "no/data.h5: cannot create: no such file or directory") {
      _ = try File(creating: folder.file("no/data.h5"))
    }
    for text in ["", "x", "some text that is not HDF5, long enough to hold a superblock if it were one"] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("text")))
      expect(.notHDF5, "text: cannot open: not an HDF5 file") { _ = try File(opening: folder.file("text")) }
      #expect(!File.isHDF5(folder.file("text")))
    }
    expect(.notHDF5, ".: cannot open: it is a directory") { _ = try File(opening: folder.path + "/.") }
    #expect(!File.isHDF5(folder.path) && !File.isHDF5(path))
    try File(creating: path).write("x", [1.0])
    #expect(File.isHDF5(path))
    expect(.alreadyExists, "data.h5: cannot create: the file exists already") { _ = try File(creating: path) }
    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
    #expect(truncate(path, off_t(size - 1)) == 0)
    expect(
      .truncated, "data.h5: cannot open: the file is truncated: it has \(size - 1) of \(size) bytes"
    ) { _ = try File(opening: path) }
  }

  @Test("locks and permissions")
  func locks() throws {
    try File(creating: path).write("x", [1.0])
    let other = Foundation.open(path, O_RDONLY)
    defer { close(other) }
    #expect(flock(other, LOCK_EX) == 0)
    expect(.locked, "data.h5: cannot open: the file is locked by another program") {
      _ = try File(opening: path)
    }
    #expect(flock(other, LOCK_UN) == 0)
    let file = try File(opening: path)
    expect(.locked, "data.h5: cannot open: the file is open elsewhere in this process for reading") {
      _ = try File(opening: path, mode: .readWrite)
    }
    expect(.locked, "data.h5: cannot create: the file is open elsewhere in this process") {
      _ = try File(creating: path, overwrite: true)
    }
    expect(.readOnly, "data.h5: group /g: cannot create: the file was opened for reading only") {
      try file.createGroup("g")
    }
    expect(.readOnly, "data.h5: attribute a: cannot write: the file was opened for reading only") {
      try file.attributes.set("a", to: 1)
    }
    expect(.readOnly, "data.h5: dataset /x: cannot write: the file was opened for reading only") {
      try file.dataset("x").write([2.0])
    }
    try file.close()
    if geteuid() != 0 {
      #expect(chmod(path, 0) == 0)
      expect(.permissionDenied, "data.h5: cannot open: permission denied") { _ = try File(opening: path) }
    }
  }

  @Test("operating system errors recorded by the library")
  func refusals() {
    let expected: [Int32: (HDF5Error.Kind, String)] = [
      EACCES: (.permissionDenied, "permission denied"),
      EROFS: (.permissionDenied, "the file system is read-only"),
      ENOSPC: (.diskFull, "the disk is full"),
      EFBIG: (.diskFull, "the file would grow past its size limit"),
      EIO: (.other, "input/output error"),
    ]
    for (code, (kind, cause)) in expected {
      let entry =
        "file write failed: time = Tue Nov 24\n, filename = 'x', errno = \(code), error message = 'y'"
      let error = HDF5Error(explaining: [entry, "outer"], at: Place(file: "x.h5"), attempt: "cannot write")
      #expect(error.kind == kind)
      #expect(error.description == "x.h5: cannot write: \(cause)")
    }
  }

  @Test("objects that are missing or something else")
  func objects() throws {
    let file = try File(creating: path)
    try file.write("train/tokens", [1, 2, 3])
    expect(.notFound, "data.h5: dataset /train/labels: cannot open: object 'labels' doesn't exist") {
      _ = try file.dataset("/train/labels")
    }
    expect(.notFound, "data.h5: dataset /test/tokens: cannot open: object 'test' doesn't exist") {
      _ = try file.dataset("test/tokens")
    }
    expect(.notFound, "data.h5: dataset /train/tokens/x: cannot open: object 'x' doesn't exist") {
      _ = try file.group("train").dataset("tokens/x")
    }
    expect(.wrongType, "data.h5: dataset /train: cannot open: it is not a dataset") {
      _ = try file.dataset("train")
    }
    expect(.wrongType, "data.h5: group /train/tokens: cannot open: it is not a group") {
      _ = try file.group("train/tokens")
    }
    expect(
      .alreadyExists, "data.h5: dataset /train/tokens: cannot create: an object of that name exists already"
    ) {
      try file.write("train/tokens", [1])
    }
    expect(.invalidArgument, "data.h5: cannot create the group: invalid name ''") { try file.createGroup("") }
    expect(.notFound, "data.h5: object /nothing: cannot delete: no such object") {
      try file.delete("nothing")
    }
    expect(.notFound, "data.h5: attribute unit of dataset /train/tokens: cannot read: no such attribute") {
      _ = try file.dataset("train/tokens").attributes.value("unit", as: String.self)
    }
    try file.createSoftLink("nowhere", to: "/void")
    expect(
      .notFound,
      "data.h5: dataset /nowhere: cannot open: 'nowhere' is a link to '/void', which does not exist"
    ) {
      _ = try file.dataset("nowhere")
    }
    let strange = "a\nb\u{1b}[31m"
    expect(.notFound, "data.h5: dataset /a b [31m: cannot open: object 'a b [31m' doesn't exist") {
      _ = try file.dataset(strange)
    }
  }

  @Test("selections and types that do not fit")
  func misfits() throws {
    let file = try File(creating: path)
    let dataset = try file.write("x", [Float](repeating: 0, count: 12), shape: [3, 4])
    expect(
      .wrongRank,
      "data.h5: dataset /x: cannot read: it has 2 dimensions, the selection has 1 offsets, 1 counts"
    ) { _ = try dataset.read(as: Float.self, offset: [0], count: [12]) }
    expect(.outOfBounds, "data.h5: dataset /x: cannot read: 2 elements from 3 leave dimension 1 of 4") {
      _ = try dataset.read(as: Float.self, offset: [0, 3], count: [1, 2])
    }
    expect(
      .outOfBounds, "data.h5: dataset /x: cannot read: 3 elements from 0 with stride 2 leave dimension 1 of 4"
    ) { _ = try dataset.read(as: Float.self, offset: [0, 0], count: [1, 3], stride: [1, 2]) }
    for (offset, count) in [(-1, 1), (Int.max, 1), (1, Int.max), (Int.min, Int.max), (0, -1)] {
      #expect(throws: HDF5Error.self) {
        try dataset.read(as: Float.self, offset: [offset, 0], count: [count, 1])
      }
    }
    #expect(throws: HDF5Error.self) {
      try dataset.read(as: Float.self, offset: [0, 0], count: [2, 1], stride: [Int.max, 1])
    }
    expect(.invalidArgument, "data.h5: dataset /x: cannot write: there are 3 values for the shape [3, 4]") {
      try dataset.write([Float](repeating: 0, count: 3))
    }
    expect(.wrongType, "data.h5: dataset /x: cannot read as text: it has type float32") {
      _ = try dataset.read(as: String.self)
    }
    expect(.wrongRank, "data.h5: dataset /x: cannot read: expected a single value; its shape is [3, 4]") {
      _ = try dataset.readScalar(as: Int.self)
    }
    let texts = try file.write("texts", ["a"])
    expect(.wrongType, "data.h5: dataset /texts: cannot read as float32: it has type string") {
      _ = try texts.read(as: Float.self)
    }
    expect(.wrongType, "data.h5: dataset /texts: cannot write int64: it has type string") {
      try texts.write([1])
    }
    expect(.invalidArgument, "data.h5: dataset /texts: cannot write: a text contains the character NUL") {
      try texts.write(["a\0b"])
    }
    expect(.invalidArgument, "data.h5: dataset /x: cannot extend to [4, 4]: it can have at most [3, 4]") {
      try dataset.extend(to: [4, 4])
    }
    expect(.invalidArgument, "data.h5: dataset /x: cannot read a chunk: it is not stored in chunks") {
      _ = try dataset.chunkCount
    }
    expect(
      .filterUnavailable,
      "data.h5: dataset /z: cannot use the filter zstd(3): this machine's HDF5 library does not have it"
    ) { try file.write("z", [1], filters: [.other(id: 32015, name: "zstd", parameters: [3])]) }
    expect(
      .invalidArgument,
      "data.h5: dataset /z: cannot use the filter deflate(11): the level must be from 0 to 9"
    ) { try file.write("z", [1], filters: [.deflate(level: 11)]) }
    for shape in [[-1], [Int.max, 3], [Int.max]] {
      #expect(throws: HDF5Error.self) {
        try file.createDataset("large", of: Float.self, shape: shape, chunk: shape.map { _ in 1 << 40 })
      }
    }
    expect(.wrongRank, "data.h5: dataset /x: cannot label its dimensions: it has 2, there are 1 labels") {
      try dataset.setDimensionLabels(["time"])
    }
  }

  @Test("a closed file")
  func closed() throws {
    let file = try File(creating: path)
    let dataset = try file.write("x", [1.0])
    let attributes = dataset.attributes
    try file.close()
    try file.close()
    try file.flush()
    for body: () throws -> Void in [
      { _ = try dataset.read(as: Float.self) }, { _ = try file.dataset("x") }, { _ = try attributes.names },
      { _ = try attributes.value("a", as: Int.self) }, { try dataset.verify() }, { _ = try file.children },
      { try file.createGroup("g") }, { try attributes.set("a", to: 1) }, { _ = try file.contains("x") },
    ] {
      #expect {
        try body()
      } throws: { error in
        (error as? HDF5Error)?.kind == .closed
      }
    }
  }

  @Test("damage under a checksum")
  func damage() throws {
    let values = (0..<1000).map(Float.init)
    let address: UInt64
    do {
      let file = try File(creating: path)
      let dataset = try file.write("x", values, chunk: [100], filters: [.shuffle, .fletcher32])
      try dataset.verify()
      try file.flush()
      address = try #require(try dataset.chunkInfo(offset: [300])).address
      try file.close()
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[Int(address) + 17] ^= 4
    try bytes.write(to: URL(fileURLWithPath: path))
    let dataset = try File(opening: path).dataset("x")
    let cause = "the data is damaged: checksum mismatch"
    expect(.checksumMismatch, "data.h5: dataset /x: cannot read: \(cause)") {
      _ = try dataset.read(as: Float.self)
    }
    expect(.checksumMismatch, "data.h5: dataset /x: cannot read from [300]: \(cause)") {
      try dataset.verify()
    }
    #expect(try dataset.read(as: Float.self, offset: [0], count: [300]) == Array(values[..<300]))
  }

  @Test("a full disk, detected when writing, flushing, closing a dataset or closing the file")
  func diskFull() throws {
    let full = Foundation.open("/dev/full", O_RDWR)
    try #require(full >= 0)
    defer { close(full) }
    let values = [UInt8](repeating: 1, count: 1000)
    for _ in 0..<3 {
      var file = try File(creating: path, overwrite: true)
      // Larger than the library's write buffer.
      let many = [UInt8](repeating: 1, count: 1 << 20)
      let dataset = try file.write("x", many)
      file.openFile.redirect(to: full)
      expect(.diskFull, "data.h5: dataset /x: cannot write: the disk is full") { try dataset.write(many) }
      expect(.diskFull, "data.h5: cannot write: the disk is full") { try file.flush() }
      expect(.diskFull, "data.h5: cannot write: the disk is full") { try file.close() }

      file = try File(creating: path, overwrite: true)
      file.openFile.redirect(to: full)
      // The chunks are cached; the dataset's handle is released when they are written.
      try file.write("small", values, chunk: [500])
      expect(.diskFull, "data.h5: dataset /more: cannot write: the disk is full") {
        try file.write("more", values, chunk: [500])
      }
      expect(.diskFull, "data.h5: cannot write: the disk is full") { try file.close() }

      file = try File(creating: path, overwrite: true)
      let kept = try file.write("small", values, chunk: [500])
      file.openFile.redirect(to: full)
      expect(.diskFull, "data.h5: cannot write: the disk is full") { try file.close() }
      #expect(throws: HDF5Error.self) { try kept.read(as: UInt8.self) }
    }
    try File(creating: path, overwrite: true).write("x", values)
    #expect(try File(opening: path).dataset("x").read(as: UInt8.self) == values)
  }
}
