import CHDF5

extension Container {
  /// Creates a group, and missing groups of its path.
  ///
  /// - Throws: `alreadyExists`, `readOnly`, …
  @discardableResult
  public func createGroup(_ name: String) throws(HDF5Error) -> Group {
    let (parent, last) = try baseGroup.parent(of: name, attempt: "cannot create the group")
    let handle = parent.handle
    let path = handle.absolutePath(of: last)
    let place = handle.place.naming("group \(path)")
    let creation = try place.identifier("cannot create") { H5Pcreate(chdf5_group_create()) }
    // Timestamps would make equal contents differ.
    try place.check("cannot create") { H5Pset_obj_track_times(creation.value, false) }
    let identifier = try place.identifier("cannot create", in: handle.file) {
      H5Gcreate2(handle.id, last, chdf5_default(), creation.value, chdf5_default())
    }
    return Group(ObjectHandle(identifier: identifier, file: handle.file, path: path, kind: "group"))
  }

  /// Opens a group, creating it if it does not exist.
  ///
  /// - Throws: `wrongType` if the name is taken by another kind of object, `readOnly`, …
  @discardableResult
  public func requireGroup(_ name: String) throws(HDF5Error) -> Group {
    try contains(name) ? group(name) : createGroup(name)
  }

  /// Creates a soft link to a path from the root, which need not exist yet.
  ///
  /// - Throws: `alreadyExists`, `readOnly`, …
  public func createSoftLink(_ name: String, to target: String) throws(HDF5Error) {
    let (parent, last) = try baseGroup.parent(of: name, attempt: "cannot create the link")
    let handle = parent.handle
    try handle.place.naming("link \(handle.absolutePath(of: last))").check("cannot create") {
      H5Lcreate_soft(target, handle.id, last, chdf5_default(), chdf5_default())
    }
  }

  /// Removes a link. Objects without links are deleted, but the file does not shrink.
  ///
  /// - Throws: `notFound`, `readOnly`, …
  public func delete(_ name: String) throws(HDF5Error) {
    let handle = baseGroup.handle
    let place = handle.place.naming("object \(handle.absolutePath(of: name))")
    if try place.check("cannot delete", { H5Lexists(handle.id, name, chdf5_default()) }) == 0 {
      throw place.error(.notFound, "cannot delete", "no such object")
    }
    try place.check("cannot delete") { H5Ldelete(handle.id, name, chdf5_default()) }
  }
}

extension Group {
  /// The group that is to hold a new object, created where missing, and the object's name in it.
  ///
  /// The library could create these groups by itself, but would store their time of creation.
  func parent(of name: String, attempt: String) throws(HDF5Error) -> (group: Group, last: String) {
    var parts = name.split(separator: "/").map(String.init)
    guard let last = parts.popLast(), !name.contains("\0") else {
      throw handle.place.error(.invalidArgument, attempt, "invalid name '\(name)'")
    }
    let start = name.hasPrefix("/") ? try group("/") : self
    return (parts.isEmpty ? start : try start.requireGroup(parts.joined(separator: "/")), last)
  }
}
