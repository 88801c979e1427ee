import CHDF5

/// The objects of a file by the addresses that references to objects contain.
///
/// Found by a walk through the file, so that no address of an untrusted file is ever followed.
public struct ReferencedObjects: Sendable {
  fileprivate let paths: [UInt64: String]

  /// - Throws: any damage found.
  public init(in file: File) throws {
    var paths: [UInt64: String] = [:]
    try file.visit { visit in
      guard visit.child.link == .hard, let object = file.root.resolve(visit.child.path) else { return }
      if paths[object.identity.address] == nil { paths[object.identity.address] = visit.child.path }
    }
    self.paths = paths
  }
}

extension Dataset {
  /// The paths of the objects that references lead to, in row-major order; nil for one that leads nowhere.
  ///
  /// - Parameter objects: the objects of its file.
  /// - Throws: `wrongType` if it does not contain references to objects, and any damage found.
  public func readReferences(to objects: ReferencedObjects) throws(HDF5Error) -> [String?] {
    let (place, attempt) = (handle.place, Self.readingAttempt)
    let stored = try Self.storedType(of: handle)
    guard Library.exclusively({ H5Tequal(stored.value, chdf5_object_reference()) > 0 }) else {
      throw place.error(.wrongType, "cannot follow", "it has type \(datatype), not references to objects")
    }
    let space = try dataspace
    try checkPlausibility(of: space)
    let selection = Selection(all: space.shape)
    let byteCount = try ReadLimit.byteCount(
      elementCount: space.isNull ? 0 : selection.elementCount, elementSize: MemoryLayout<hobj_ref_t>.stride,
      at: place, attempt: attempt)
    if byteCount == 0 { return [] }
    try checkIsReadable()
    try checkChunks(of: selection)
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    let count = byteCount / MemoryLayout<hobj_ref_t>.stride
    let addresses = try [hobj_ref_t](unsafeUninitializedCapacity: count) {
      buffer, initialized throws(HDF5Error) in
      let start = buffer.baseAddress
      try place.check(attempt) {
        H5Dread(handle.id, chdf5_object_reference(), memory.value, file.value, chdf5_default(), start)
      }
      initialized = count
    }
    return addresses.map { objects.paths[UInt64($0)] }
  }
}
