import CHDF5

/// An open HDF5 file.
///
/// The file closes when the last copy of its handle and of objects opened in it is released. After writing, call
/// ``close()``, which reports errors that a deinitializer cannot.
///
/// Handles may be used from several threads; calls are serialized.
public struct File: Sendable, Container {
  /// Access mode.
  public enum Mode: Sendable, Hashable {
    /// Reading only.
    case readOnly
    /// Reading and writing.
    case readWrite
  }

  /// The root group.
  public let root: Group
  let openFile: OpenFile

  /// The file's name, as it was given.
  public var path: String { openFile.path }

  /// The root group.
  public var baseGroup: Group { root }

  /// Opens an existing file.
  ///
  /// A lock prevents concurrent writing where the file system supports locks; elsewhere the file is opened without.
  /// - Parameter name: its name in errors, if it is a copy of another file.
  /// - Throws: `fileNotFound`, `notHDF5`, `truncated`, `permissionDenied`, `locked`, …
  public init(opening path: String, mode: Mode = .readOnly, named name: String? = nil) throws(HDF5Error) {
    let place = Place(file: path)
    let attempt = "cannot open"
    try FileProbe.check(place)
    let output = Output(isWritable: mode == .readWrite)
    guard mode == .readOnly else {
      let access = try Self.accessProperties(at: place, output)
      let identifier = try Self.asOpeningError { () throws(HDF5Error) in
        try place.check(attempt) { H5Fopen(path, chdf5_read_write(), access.value) }
      }
      try self.init(OpenFile(identifier: identifier, path: path, output: output))
      return
    }
    // The library opens the targets of links and the sources of virtual datasets so that they close with the last of
    // their objects, and a file in one way only. One that is open for writing is open in the other way.
    let access = try Self.accessProperties(at: place, output, closesObjects: false)
    var closesObjects = false
    let identifier = try Self.asOpeningError { () throws(HDF5Error) in
      do throws(HDF5Error) {
        return try place.check(attempt) { H5Fopen(path, chdf5_read_only(), access.value) }
      } catch {
        guard error.kind == .locked else { throw error }
        // One that another program writes with SWMR (single writer, multiple readers).
        let result = Library.exclusively { H5Fopen(path, chdf5_read_while_written(), access.value) }
        if result >= 0 { return result }
        let written = try Self.accessProperties(at: place, output)
        let other = Library.exclusively { H5Fopen(path, chdf5_read_only(), written.value) }
        if other < 0 { throw error }
        closesObjects = true
        return other
      }
    }
    try self.init(
      OpenFile(identifier: identifier, path: name ?? path, output: output, closesObjects: closesObjects))
  }

  /// Creates a file.
  ///
  /// Equal contents give equal bytes: no timestamps are stored.
  /// - Parameters:
  ///   - path: the new file's name; its folder must exist.
  ///   - overwrite: whether to replace an existing file, which is otherwise an error.
  /// - Throws: `alreadyExists`, `permissionDenied`, `locked`, …
  public init(creating path: String, overwrite: Bool = false) throws(HDF5Error) {
    try self.init(creating: path, overwrite, Output(isWritable: true))
  }

  /// Writes a new HDF5 file into a file that is open already, such as one without a name.
  ///
  /// - Parameters:
  ///   - descriptor: the open file, whose contents are replaced. It stays open.
  ///   - path: its name in errors.
  public init(creatingIn descriptor: Int32, path: String) throws(HDF5Error) {
    try self.init(creating: path, true, Output(descriptor: descriptor, isWritable: true))
  }

  private init(creating path: String, _ overwrites: Bool, _ output: Output) throws(HDF5Error) {
    let place = Place(file: path)
    let attempt = "cannot create"
    let access = try Self.accessProperties(at: place, output)
    let creation = try place.identifier(attempt) { H5Pcreate(chdf5_file_create()) }
    try place.check(attempt) { H5Pset_obj_track_times(creation.value, false) }
    let identifier = try place.check(attempt) {
      H5Fcreate(path, overwrites ? chdf5_truncate() : chdf5_exclusive(), creation.value, access.value)
    }
    try self.init(OpenFile(identifier: identifier, path: path, output: output))
  }

  private init(_ openFile: OpenFile) throws(HDF5Error) {
    self.openFile = openFile
    root = try Self.rootGroup(of: openFile)
  }

  static func rootGroup(of openFile: OpenFile) throws(HDF5Error) -> Group {
    let place = Place(file: openFile.path, openFile: openFile)
    let identifier = try place.identifier("cannot open the root group", in: openFile) {
      H5Gopen2(openFile.identifier, "/", chdf5_default())
    }
    return Group(ObjectHandle(identifier: identifier, file: openFile, path: "/", kind: "group"))
  }

  /// Writes everything that is still cached to the operating system.
  ///
  /// After a failure here, or when a dataset closes, the file is unusable: all further calls throw the failure again.
  /// - Throws: `diskFull` and other write failures, including earlier unreported ones.
  public func flush() throws(HDF5Error) {
    try openFile.flush()
  }

  /// Closes the file and everything opened in it; later use throws `closed`.
  ///
  /// - Throws: `diskFull` and other write failures, including earlier unreported ones.
  public func close() throws(HDF5Error) {
    try openFile.close()
  }

  /// Whether a readable file of that name starts with the HDF5 signature. Never throws.
  public static func isHDF5(_ path: String) -> Bool {
    Library.exclusively { H5Fis_hdf5(path) > 0 }
  }

  /// - Parameter closesObjects: Whether closing the file closes everything opened in it.
  private static func accessProperties(
    at place: Place, _ output: Output, closesObjects: Bool = true
  ) throws(HDF5Error) -> Identifier {
    let attempt = "cannot prepare to open"
    let access = try place.identifier(attempt) { H5Pcreate(chdf5_file_access()) }
    try place.check(attempt) { output.attach(to: access.value) }
    // Strong close: no leaked handle delays writing to disk.
    try place.check(attempt) {
      H5Pset_fclose_degree(access.value, closesObjects ? H5F_CLOSE_STRONG : H5F_CLOSE_WEAK)
    }
    try place.check(attempt) { chdf5_lock_when_possible(access.value) }
    // Format 1.8 supports large attributes, is readable by every h5py, and unlike 1.10 leaves no mark after a crash
    // that prevents opening the file.
    try place.check(attempt) {
      H5Pset_libver_bounds(access.value, H5F_LIBVER_V18, chdf5_latest())
    }
    return access
  }

  /// While a file opens, any complaint of the library about its contents means damage.
  private static func asOpeningError<Result>(
    _ body: () throws(HDF5Error) -> Result
  ) throws(HDF5Error) -> Result {
    do {
      return try body()
    } catch {
      if error.kind == .notHDF5, let kind = ForeignFile.kind(of: error.file) {
        throw HDF5Error(
          kind: .notHDF5, file: error.file, object: error.object, attempt: error.attempt,
          cause: kind)
      }
      if error.kind == .truncated, ForeignFile.isOfFamily(error.file) {
        throw HDF5Error(
          kind: .wrongType, file: error.file, object: error.object, attempt: error.attempt,
          cause: ForeignFile.family)
      }
      guard error.kind == .other else { throw error }
      throw HDF5Error(
        kind: .damaged, file: error.file, object: error.object, attempt: error.attempt,
        cause: "the file is damaged (\(error.cause))")
    }
  }
}
