import CHDF5
import Foundation

/// The small named values attached to a file, group or dataset.
public struct Attributes: Sendable {
  let handle: ObjectHandle

  init(_ handle: ObjectHandle) {
    self.handle = handle
  }

  /// The names of all attributes, sorted.
  public var names: [String] {
    get throws(HDF5Error) {
      let list = NameList()
      try handle.place.check("cannot list the attributes") {
        chdf5_list_attributes(handle.id, NameList.append, list.context)
      }
      return try list.names(of: "attribute", at: handle.place)
    }
  }

  /// Whether there is an attribute of that name.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    try place(of: name).check("cannot look for it") { H5Aexists(handle.id, name) } > 0
  }

  /// Removes an attribute.
  ///
  /// - Throws: `notFound`, `readOnly`, …
  public func delete(_ name: String) throws(HDF5Error) {
    let place = place(of: name)
    guard try contains(name) else { throw place.error(.notFound, "cannot delete", "no such attribute") }
    try place.check("cannot delete") { H5Adelete(handle.id, name) }
  }

  /// For messages: the attribute, and what it is attached to.
  func place(of name: String) -> Place {
    let owner = handle.place.object.map { " of \($0)" } ?? ""
    return handle.place.naming("attribute \(name)\(owner)")
  }

  func open(_ name: String) throws(HDF5Error) -> OpenAttribute {
    let place = place(of: name)
    guard try contains(name) else { throw place.error(.notFound, "cannot read", "no such attribute") }
    let identifier = try place.identifier("cannot open", in: handle.file) {
      H5Aopen(handle.id, name, chdf5_default())
    }
    return try OpenAttribute(identifier: identifier, place: place)
  }

  /// Creates or replaces an attribute and writes its values.
  func replace(
    _ name: String, type: Identifier, shape: [Int], write: (hid_t) -> herr_t
  ) throws(HDF5Error) {
    let place = place(of: name)
    let attempt = "cannot write"
    let space = try Dataspace.make(shape: shape, at: place)
    if try contains(name) { try delete(name) }
    let attribute = try place.identifier(attempt, in: handle.file) {
      H5Acreate2(handle.id, name, type.value, space.value, chdf5_default(), chdf5_default())
    }
    if shape.contains(0) { return }
    try place.check(attempt) { write(attribute.value) }
  }
}

/// Collects the names that the C library enumerates.
final class NameList {
  private var names: [[UInt8]] = []

  /// Those that are UTF-8 text.
  var textNames: [String] { names.compactMap { String(validating: $0, as: UTF8.self) } }

  /// All names.
  ///
  /// - Throws: If one is not UTF-8: nothing could be opened by it.
  func names(of kind: String, at place: Place) throws(HDF5Error) -> [String] {
    var texts: [String] = []
    for name in names {
      guard let text = String(validating: name, as: UTF8.self) else {
        let owner = place.object.map { "\($0): " } ?? ""
        throw place.naming("\(owner)\(kind) '\(name.escaped)'").error(
          .other, "cannot be read", "its name is not UTF-8 text; rename it")
      }
      texts.append(text)
    }
    return texts
  }

  /// Pointer for the library, valid as long as this list.
  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static let append: @convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void = {
    name, context in
    guard let name, let context else { return }
    Unmanaged<NameList>.fromOpaque(context).takeUnretainedValue().names.append(
      Array(UnsafeRawBufferPointer(start: name, count: strlen(name))))
  }
}

extension Collection<UInt8> {
  /// The bytes as text, with those that are not ASCII as `\xFF`.
  var escaped: String {
    reduce(into: "") { text, byte in
      if (0x20..<0x7F).contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16, uppercase: true)
      }
    }
  }
}
