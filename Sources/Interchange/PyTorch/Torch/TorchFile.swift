import Archives
import Foundation
import WeftBase

/// A file that `torch.save` wrote: a pickle, and the bytes of storages that it refers to.
///
/// Source: PyTorch's `torch/serialization.py`. Since PyTorch 1.6 the file is a ZIP archive; before, and with
/// `_use_new_zipfile_serialization=False`, pickles and storages follow one another.
struct TorchFile {
  let path: String
  let budget: FileBudget
  /// What the pickle describes, and the place of the whole.
  let values: PickledValues
  let root: PickledValues.Place
  private let contents: Contents

  private enum Contents {
    /// An archive and the name of its folder.
    case archive(ZipArchive, folder: String)
    /// The bytes of the file, and where each storage lies.
    case plain(Data, storages: [String: Range<Int>])
  }

  /// First bytes of a file in the form before archives: protocol 2, and the integer 0x1950A86A20F9469CFC6C.
  static let plainStart: [UInt8] = [
    0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  /// - Throws: If the file is damaged, or contains more than weights (``PickleReader``).
  init(_ path: String) throws(WeftError) {
    let bytes = try InputFile.contents(path)
    if bytes.starts(with: Self.plainStart) {
      try self.init(plain: bytes, path)
    } else {
      try self.init(
        archive: ZipArchive(
          path, expansion: FileBudget.expansion, advice: "save a state dictionary, \(PickleReader.advice)"))
    }
  }

  private init(archive: ZipArchive) throws(WeftError) {
    path = archive.budget.path
    budget = archive.budget
    let names = archive.members.map(\.name)
    let pickles = names.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard pickles.count == 1, let member = try archive.member(pickles[0]) else {
      throw .model(
        "\(path): is an archive that torch.save did not write: it contains \(pickles.count) files data.pkl")
    }
    let folder = String(pickles[0].dropLast("data.pkl".count))
    if names.contains(where: { $0.hasPrefix("\(folder)code/") }) {
      throw .model(
        "\(path): is a TorchScript program; save its weights in Python:"
          + " torch.save(torch.jit.load(\"\(path)\").state_dict(), \"weights.pt\")")
    }
    if let order = try archive.member("\(folder)byteorder"),
      try archive.contents(of: order, isCheckedIfZero: false) != Array("little".utf8)
    {
      throw .model("\(path): is of a big-endian machine; save it again on a little-endian one")
    }
    let pickle = try archive.contents(of: member, isCheckedIfZero: false)
    var reader = PickleReader(Data(pickle), budget: budget, file: path)
    root = try reader.read()
    values = reader.values
    contents = .archive(archive, folder: folder)
  }

  private init(plain bytes: Data, _ path: String) throws(WeftError) {
    self.path = path
    let budget = FileBudget(path: path, fileBytes: bytes.count)
    self.budget = budget
    func damaged(_ what: String) -> WeftError {
      .model("\(path): is not a complete PyTorch file: \(what)")
    }
    var place = 0
    func next() throws(WeftError) -> (PickleReader, PickledValues.Place) {
      var reader = PickleReader(bytes, at: place, budget: budget, file: path)
      let root = try reader.read()
      place = reader.place
      return (reader, root)
    }
    // The magic number, the version, and sizes of the system.
    _ = try next()
    let (version, number) = try next()
    guard version.values.integer(number) == 1001 else { throw damaged("it has another version than 1001") }
    let (system, sizes) = try next()
    if let order = system.values.entries(sizes)?.first(where: { $0.name == "little_endian" }),
      case .bool(false) = system.values[order.value]
    {
      throw .model("\(path): is of a big-endian machine; save it again on a little-endian one")
    }
    let (reader, root) = try next()
    let (list, keys) = try next()
    var sizesOfElements: [String: Int] = [:]
    for stored in reader.stored {
      guard case .stored(let description) = reader.values[stored],
        let storage = TorchStorage(at: description, in: reader.values)
      else { throw damaged("it refers to something other than storages") }
      sizesOfElements[storage.name] = storage.element?.byteCount ?? 1
    }
    // In the order of the list: a count of elements, and the elements.
    var storages: [String: Range<Int>] = [:]
    for key in list.values.elements(keys) ?? [] {
      guard let name = list.values.text(key), let size = sizesOfElements[name], storages[name] == nil else {
        throw damaged("it lists a storage that nothing refers to")
      }
      guard bytes.count - place >= 8 else { throw damaged("storage \(name) is missing") }
      let count = bytes[(bytes.startIndex + place)..<(bytes.startIndex + place + 8)].reversed()
        .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      place += 8
      guard let count = Int(exactly: count), let length = [count, size].boundedProduct,
        length <= bytes.count - place
      else { throw damaged("storage \(name) is cut off") }
      storages[name] = place..<(place + length)
      place += length
    }
    values = reader.values
    self.root = root
    contents = .plain(bytes, storages: storages)
  }

  /// The bytes of a storage.
  ///
  /// - Throws: If the file does not contain it, or it is damaged.
  func bytes(ofStorage name: String) throws(WeftError) -> Data {
    switch contents {
    case .archive(let archive, let folder):
      guard let member = try archive.member("\(folder)data/\(name)") else { break }
      return Data(try archive.contents(of: member, isCheckedIfZero: false))
    case .plain(let bytes, let storages):
      guard let range = storages[name] else { break }
      return bytes[(bytes.startIndex + range.lowerBound)..<(bytes.startIndex + range.upperBound)]
    }
    throw .model("\(path): storage \(name) is missing; is the file damaged?")
  }
}
