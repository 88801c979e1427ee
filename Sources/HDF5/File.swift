import CHDF5

/// An open HDF5 file.
///
/// The file closes when the last of its handle's copies and of the objects opened in it goes out of use. After
/// writing, call ``close()``, which reports what a deinitialiser cannot.
///
/// Handles may be used from several threads: one call runs at a time.
public struct File: Sendable, Container {
  /// What may be done with an opened file.
  public enum Mode: Sendable, Hashable {
    /// Reading only.
    case readOnly
    /// Reading and writing.
    case readWrite
  }

  /// The group that holds everything else.
  public let root: Group
  let openFile: OpenFile

  /// The file's name, as it was given.
  public var path: String { openFile.path }

  /// The root group.
  public var baseGroup: Group { root }

  /// Opens an existing file.
  ///
  /// A lock keeps a writer away from readers where the file system has locks; elsewhere the file opens without.
  /// - Throws: `fileNotFound`, `notHDF5`, `truncated`, `permissionDenied`, `locked`, …
  public init(opening path: String, mode: Mode = .readOnly) throws(HDF5Error) {
    let place = Place(file: path)
    let attempt = "cannot open"
    try FileProbe.check(place)
    let access = try Self.accessProperties(at: place)
    let identifier = try Self.asOpeningError { () throws(HDF5Error) in
      try place.check(attempt) {
        H5Fopen(path, mode == .readOnly ? chdf5_read_only() : chdf5_read_write(), access.value)
      }
    }
    try self.init(OpenFile(identifier: identifier, path: path, isWritable: mode == .readWrite))
  }

  /// Creates a file.
  ///
  /// The same contents give the same bytes: no times are stored.
  /// - Parameters:
  ///   - path: the new file's name; its folder must exist.
  ///   - overwrite: whether to replace a file of that name. Otherwise its existence is an error.
  /// - Throws: `alreadyExists`, `permissionDenied`, `locked`, …
  public init(creating path: String, overwrite: Bool = false) throws(HDF5Error) {
    let place = Place(file: path)
    let attempt = "cannot create"
    let access = try Self.accessProperties(at: place)
    let creation = try place.identifier(attempt) { H5Pcreate(chdf5_file_create()) }
    try place.check(attempt) { H5Pset_obj_track_times(creation.value, false) }
    let identifier = try place.check(attempt) {
      H5Fcreate(path, overwrite ? chdf5_truncate() : chdf5_exclusive(), creation.value, access.value)
    }
    try self.init(OpenFile(identifier: identifier, path: path, isWritable: true))
  }

  private init(_ openFile: OpenFile) throws(HDF5Error) {
    self.openFile = openFile
    let identifier = try Place(file: openFile.path).identifier("cannot open the root group", in: openFile) {
      H5Gopen2(openFile.identifier, "/", chdf5_default())
    }
    root = Group(ObjectHandle(identifier: identifier, file: openFile, path: "/", kind: "group"))
  }

  /// Writes everything that is still cached to the operating system.
  ///
  /// A failure here, or at the closing of a dataset, ends the use of the file: all further calls throw it again.
  /// - Throws: `diskFull` and other failures to write, also earlier ones that nobody saw.
  public func flush() throws(HDF5Error) {
    try openFile.flush()
  }

  /// Closes the file and everything opened in it; using those afterwards throws `closed`.
  ///
  /// - Throws: `diskFull` and other failures to write, also earlier ones that nobody saw.
  public func close() throws(HDF5Error) {
    try openFile.close()
  }

  /// Whether a readable file of that name begins as HDF5 files do. Never throws.
  public static func isHDF5(_ path: String) -> Bool {
    Library.exclusively { H5Fis_hdf5(path) > 0 }
  }

  private static func accessProperties(at place: Place) throws(HDF5Error) -> Identifier {
    let attempt = "cannot prepare to open"
    let access = try place.identifier(attempt) { H5Pcreate(chdf5_file_access()) }
    // Closing means closing: no forgotten handle keeps data from reaching the disk.
    try place.check(attempt) { H5Pset_fclose_degree(access.value, H5F_CLOSE_STRONG) }
    try place.check(attempt) { chdf5_lock_when_possible(access.value) }
    // Format 1.8 holds large attributes, every h5py reads it, and unlike 1.10's it leaves no mark in a file whose
    // writer crashed that keeps others from opening it.
    try place.check(attempt) {
      H5Pset_libver_bounds(access.value, H5F_LIBVER_V18, chdf5_latest())
    }
    return access
  }

  /// While a file opens, whatever the library does not like about its contents means that they are damaged.
  private static func asOpeningError<Result>(
    _ body: () throws(HDF5Error) -> Result
  ) throws(HDF5Error) -> Result {
    do {
      return try body()
    } catch {
      guard error.kind == .other else { throw error }
      throw HDF5Error(
        kind: .damaged, file: error.file, object: error.object, attempt: error.attempt,
        cause: "the file is damaged (\(error.cause))")
    }
  }
}
