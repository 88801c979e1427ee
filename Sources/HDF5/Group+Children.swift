import CHDF5

extension Container {
  /// Children of the group, sorted by name.
  ///
  /// - Throws: any damage found.
  public var children: [Child] {
    get throws(HDF5Error) {
      let group = baseGroup
      let list = NameList()
      try group.handle.place.check("cannot list its contents") {
        chdf5_list_links(group.handle.id, NameList.append, list.context)
      }
      var children: [Child] = []
      for name in try list.names(of: "link", at: group.handle.place) {
        children.append(try group.child(name))
      }
      return children
    }
  }
}

extension Group {
  /// Identity of an object, independent of its path.
  struct Identity: Hashable {
    let file: UInt
    let address: UInt64
  }

  /// Identity and kind of the object at a path; nil if there is none.
  func resolve(_ name: String) -> (identity: Identity, kind: Child.Kind)? {
    var info = chdf5_object_info()
    let status = Library.exclusively { chdf5_get_object_info(handle.id, name, &info) }
    if status < 0 { return nil }
    let kind: Child.Kind =
      switch UInt32(bitPattern: info.type) {
      case UInt32(bitPattern: Int32(H5O_TYPE_GROUP.rawValue)): .group
      case UInt32(bitPattern: Int32(H5O_TYPE_DATASET.rawValue)): .dataset
      case UInt32(bitPattern: Int32(H5O_TYPE_NAMED_DATATYPE.rawValue)): .datatype
      default: .other
      }
    return (Identity(file: info.file, address: info.address), kind)
  }

  func child(_ name: String) throws(HDF5Error) -> Child {
    let link = try link(name)
    let isInside =
      switch link {
      case .hard, .soft: true
      case .external, .userDefined: false
      }
    return Child(
      name: name, path: handle.absolutePath(of: name), link: link,
      kind: isInside ? resolve(name)?.kind : nil)
  }

  private func link(_ name: String) throws(HDF5Error) -> Child.Link {
    let place = handle.place.naming("link \(handle.absolutePath(of: name))")
    let attempt = "cannot read"
    var type: Int32 = 0
    var size = 0
    try place.check(attempt) { chdf5_get_link_info(handle.id, name, &type, &size) }
    switch type {
    case Int32(H5L_TYPE_HARD.rawValue): return .hard
    case Int32(H5L_TYPE_SOFT.rawValue), Int32(H5L_TYPE_EXTERNAL.rawValue): break
    default: return .userDefined
    }
    // A link's value lies in an object header or heap of the file, which keep sizes in far fewer bits.
    guard size > 0, size < 1 << 20 else {
      throw place.error(.damaged, attempt, "the link claims a value of \(size) bytes")
    }
    var value = [UInt8](repeating: 0, count: size)
    try place.check(attempt) {
      H5Lget_val(handle.id, name, &value, size, chdf5_default())
    }
    if type == Int32(H5L_TYPE_SOFT.rawValue) {
      return .soft(target: Self.text(value[...]))
    }
    // A byte of version and flags, then the file and the path, each ended by a NUL.
    let file = value.dropFirst().prefix { $0 != 0 }
    return .external(file: Self.text(file), target: Self.text(value.dropFirst(file.count + 2)))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let bytes = bytes.prefix { $0 != 0 }
    return String(validating: bytes, as: UTF8.self) ?? bytes.escaped
  }
}
