import CHDF5

extension Container {
  /// Copies an object of another file with its contents, attributes and layout.
  ///
  /// - Parameters:
  ///   - name: its path in `source`, and here.
  ///   - source: its container.
  /// - Throws: `notFound`, `alreadyExists`, `readOnly`, and any damage found.
  public func copy(_ name: String, from source: some Container) throws(HDF5Error) {
    let (from, to) = (source.baseGroup.handle, baseGroup.handle)
    guard try source.contains(name) else {
      throw from.place.naming("object \(from.absolutePath(of: name))").error(
        .notFound, "cannot copy", "no such object")
    }
    try to.place.naming("object \(to.absolutePath(of: name))").check("cannot copy from \(from.place.file)") {
      H5Ocopy(from.id, name, to.id, name, chdf5_default(), chdf5_default())
    }
  }
}

extension Attributes {
  /// Copies numeric and text attributes of another object; others, such as references, are skipped.
  ///
  /// - Parameter excluded: Names of attributes to skip.
  /// - Throws: `readOnly`, and any damage found.
  public func copy(from source: Attributes, except excluded: Set<String> = []) throws(HDF5Error) {
    for attribute in try source.all where !excluded.contains(attribute.name) && !attribute.dataspace.isNull {
      let (name, shape) = (attribute.name, attribute.dataspace.shape)
      switch attribute.datatype {
      case .string, .fixedString:
        let texts = try source.values(name, as: String.self)
        if shape.isEmpty, let text = texts.first {
          try set(name, to: text)
        } else {
          try set(name, to: texts, shape: shape)
        }
      case .bool: try set(name, to: source.values(name, as: Bool.self), shape: shape)
      case .integer(_, isSigned: false, _):
        try set(name, to: source.values(name, as: UInt64.self), shape: shape)
      case .integer, .enumeration: try set(name, to: source.values(name, as: Int64.self), shape: shape)
      case .float: try set(name, to: source.values(name, as: Double.self), shape: shape)
      default: break
      }
    }
  }
}
