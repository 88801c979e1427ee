import CHDF5

/// An attribute while it is being read.
struct OpenAttribute {
  let identifier: Identifier
  let place: Place
  let storedType: Identifier
  let datatype: Datatype
  let dataspace: Dataspace

  init(identifier: Identifier, place: Place) throws(HDF5Error) {
    self.identifier = identifier
    self.place = place
    storedType = try place.identifier("cannot read its type") { H5Aget_type(identifier.value) }
    datatype = Datatype(describing: storedType)
    let space = try place.identifier("cannot read its shape") { H5Aget_space(identifier.value) }
    dataspace = try Dataspace(describing: space, at: place)
  }

  private static let attempt = "cannot read"

  private func elementCount(elementSize: Int) throws(HDF5Error) -> Int {
    let storedSize = Library.exclusively { Int(clamping: H5Tget_size(storedType.value)) }
    let size = max(elementSize, storedSize)
    let bytes = try ReadLimit.byteCount(
      elementCount: dataspace.elementCount, elementSize: size, at: place, attempt: Self.attempt)
    if size == 0 { return 0 }
    // Nothing compresses an attribute.
    let (count, fileSize) = (bytes / size, try place.fileSize())
    guard count * storedSize <= fileSize else {
      throw place.error(
        .tooLarge, Self.attempt, "it claims \(count * storedSize) bytes in a file of \(fileSize)")
    }
    return count
  }

  func numbers<T: HDF5Element>(as type: T.Type) throws(HDF5Error) -> [T] {
    let kind = T.elementKind
    precondition(MemoryLayout<T>.stride == kind.byteCount, "\(T.self) is not stored as \(kind)")
    let reader = try NumberReader(kind, stored: datatype, place: place)
    let count = try elementCount(elementSize: kind.byteCount)
    if count == 0 { return [] }
    return try [T](unsafeUninitializedCapacity: count) { buffer, initialized throws(HDF5Error) in
      let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      try reader.read(into: bytes, attempt: Self.attempt) { H5Aread(identifier.value, $0, $1) }
      initialized = count
    }
  }

  func strings() throws(HDF5Error) -> [String] {
    let reader = try StringReader(storedType: storedType, datatype: datatype, place: place)
    let count = try elementCount(elementSize: 1)
    if count == 0 { return [] }
    let memory = try Dataspace.make(shape: dataspace.shape, at: place)
    return try reader.read(count: count, memory: memory, attempt: Self.attempt) { type, _, buffer in
      H5Aread(identifier.value, type, buffer)
    }
  }

  func checkIsSingle() throws(HDF5Error) {
    guard dataspace.elementCount == 1 else {
      throw place.error(.wrongRank, Self.attempt, "expected a single value; its shape is \(dataspace)")
    }
  }
}
