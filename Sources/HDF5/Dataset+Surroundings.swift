extension Dataset {
  /// The group that contains the dataset, by the path with which it was opened.
  ///
  /// - Throws: `closed`, or `damaged`.
  public var parent: Group {
    get throws(HDF5Error) {
      let root = try File.rootGroup(of: handle.file)
      let path = path.split(separator: "/").dropLast().joined(separator: "/")
      return path.isEmpty ? root : try root.group("/" + path)
    }
  }
}
