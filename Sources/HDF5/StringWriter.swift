import CHDF5
import Foundation

/// Writes variable-length text to datasets and attributes.
enum StringWriter {
  /// The type of new datasets and attributes: variable length, UTF-8, which h5py reads as `str`.
  static func storedType(at place: Place) throws(HDF5Error) -> Identifier {
    try variableType(H5T_CSET_UTF8, at: place)
  }

  /// The type in memory for a stored type: the library does not convert between ASCII and UTF-8, though the
  /// bytes are the same, so the memory is given the character set of the file.
  static func memoryType(for storedType: Identifier, at place: Place) throws(HDF5Error) -> Identifier {
    try variableType(Library.exclusively { H5Tget_cset(storedType.value) }, at: place)
  }

  /// A fixed-length UTF-8 type for the longest of some texts. The library has no zero-length texts.
  static func fixedType(for values: [String], at place: Place) throws(HDF5Error) -> Identifier {
    let type = try place.identifier("cannot prepare its type") { H5Tcopy(chdf5_c_string()) }
    let size = max(values.map(\.utf8.count).max() ?? 0, 1)
    try place.check("cannot prepare its type") {
      H5Tset_size(type.value, size) < 0 || H5Tset_cset(type.value, H5T_CSET_UTF8) < 0
        || H5Tset_strpad(type.value, H5T_STR_NULLPAD) < 0 ? -1 : 0
    }
    return type
  }

  /// The concatenated texts, each padded with zeros to the size of the type.
  static func fixedBytes(of values: [String], type: Identifier) -> [UInt8] {
    let size = Library.exclusively { H5Tget_size(type.value) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * size)
    for value in values {
      bytes += value.utf8
      bytes += repeatElement(0, count: size - value.utf8.count)
    }
    return bytes
  }

  private static func variableType(
    _ characterSet: H5T_cset_t, at place: Place
  ) throws(HDF5Error) -> Identifier {
    let type = try place.identifier("cannot prepare its type") { H5Tcopy(chdf5_c_string()) }
    try place.check("cannot prepare its type") {
      H5Tset_size(type.value, chdf5_variable_size()) < 0 || H5Tset_cset(type.value, characterSet) < 0 ? -1 : 0
    }
    return type
  }

  /// The format terminates text at a NUL; anything after it would be lost.
  static func check(_ values: [String], at place: Place, attempt: String) throws(HDF5Error) {
    guard !values.contains(where: { $0.utf8.contains(0) }) else {
      throw place.error(.invalidArgument, attempt, "a text contains the character NUL")
    }
  }

  /// Calls back with C strings that live until it returns.
  static func withPointers(
    to values: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    let pointers = values.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    try pointers.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      guard let start = buffer.baseAddress else { return }
      try body(start)
    }
  }
}
