import CHDF5
import Foundation

/// Sources of a virtual dataset.
///
/// The library follows chains of virtual datasets until its stack overflows, so sources must not be virtual.
struct VirtualSources {
  private let names: [(file: String, dataset: String)]
  private let place: Place
  private static let attempt = "cannot open"

  init(of properties: Identifier, at place: Place) throws(HDF5Error) {
    self.place = place
    var count = 0
    try place.check(Self.attempt) { H5Pget_virtual_count(properties.value, &count) }
    var names: [(String, String)] = []
    for index in 0..<count {
      names.append(
        (
          try Self.text(at: place) { H5Pget_virtual_filename(properties.value, index, $0, $1) },
          try Self.text(at: place) { H5Pget_virtual_dsetname(properties.value, index, $0, $1) }
        ))
    }
    self.names = names
  }

  private static func text(
    at place: Place, _ get: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(HDF5Error) -> String {
    let count = try place.check(attempt) { get(nil, 0) }
    guard count < 1 << 16 else {
      throw place.error(.damaged, attempt, "a source has a name of \(count) bytes")
    }
    var bytes = [CChar](repeating: 0, count: count + 1)
    try place.check(attempt) { get(&bytes, bytes.count) }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// - Throws: `wrongType` for a source that is virtual, or that a pattern names.
  func check(in file: OpenFile) throws(HDF5Error) {
    FileProbe.prepare(
      Set(names.map(\.file)).filter { $0 != "." }.compactMap { name in
        [folder + name, name].first { FileManager.default.fileExists(atPath: $0) }
      })
    for (name, dataset) in names {
      if (name + dataset).contains("%") {
        throw place.error(
          .wrongType, Self.attempt,
          "source names with a pattern are not supported; rewrite it with h5repack -l CONTI OLD NEW")
      }
      if name == "." {
        try check(dataset, in: file)
      } else if let path = [folder + name, name].first(where: { FileManager.default.fileExists(atPath: $0) })
      {
        let other = try File(opening: path)
        try check(dataset, in: other.openFile)
      } else {
        throw place.error(
          .notFound, Self.attempt,
          "its source file '\(name)' is missing, so that the library would read fill values in its place")
      }
    }
  }

  /// The library looks for files beside the one that names them first.
  private var folder: String {
    place.file.lastIndex(of: "/").map { String(place.file[...$0]) } ?? ""
  }

  /// - Throws: `notFound`, `wrongType` for a source that is virtual, and any damage found in its first chunk, of which the
  /// library reads as much as the type says.
  private func check(_ name: String, in file: OpenFile) throws(HDF5Error) {
    let layout: H5D_layout_t? = Library.exclusively {
      let dataset = H5Dopen2(file.identifier, name, chdf5_default())
      if dataset < 0 { return nil }
      defer { H5Dclose(dataset) }
      let properties = H5Dget_create_plist(dataset)
      defer { H5Pclose(properties) }
      return H5Pget_layout(properties)
    }
    guard let layout else {
      throw place.error(
        .notFound, Self.attempt,
        "its source dataset '\(name)' is missing, so that the library would read fill values in its place")
    }
    if layout == H5D_VIRTUAL {
      throw place.error(
        .wrongType, Self.attempt,
        "its source \(name) is itself virtual; rewrite it with h5repack -l CONTI OLD NEW")
    }
    try File.rootGroup(of: file).dataset(name).checkFirstChunk()
  }
}
