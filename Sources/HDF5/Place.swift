import CHDF5

/// The subject of an operation for error messages: a file, and an object in it.
struct Place: Sendable {
  let file: String
  /// For example `dataset /train/tokens`; nil when the file itself is meant.
  let object: String?
  /// The file once it is open: what is attempted after it was closed fails for that reason.
  private let openFile: OpenFile?

  init(file: String, object: String? = nil, openFile: OpenFile? = nil) {
    self.file = file
    self.object = object
    self.openFile = openFile
  }

  /// The same file, another object.
  func naming(_ object: String) -> Place {
    Place(file: file, object: object, openFile: openFile)
  }

  /// Calls the C library, treating negative results as failures.
  ///
  /// - Throws: the cause from the library's error stack, with this place.
  @discardableResult
  func check<Result: SignedInteger>(
    _ attempt: String, _ body: () -> Result
  ) throws(HDF5Error) -> Result {
    try Library.exclusively { () throws(HDF5Error) -> Result in
      if let obstacle = openFile?.obstacle(to: attempt, at: self) { throw obstacle }
      let result = body()
      if let failure = openFile?.failure(at: self) { throw failure }
      if result < 0 {
        throw HDF5Error(explaining: ErrorStack.current(), at: self, attempt: attempt)
      }
      return result
    }
  }

  /// Calls a function that returns a new identifier, owned by the result.
  func identifier(
    _ attempt: String, in file: OpenFile? = nil, _ body: () -> hid_t
  ) throws(HDF5Error) -> Identifier {
    Identifier(try check(attempt, body), in: file)
  }

  /// Size of the open file in bytes, which bounds its contents.
  func fileSize() throws(HDF5Error) -> Int {
    guard let openFile else { return 0 }
    var size: hsize_t = 0
    try check("cannot measure the file") { H5Fget_filesize(openFile.identifier, &size) }
    return Int(clamping: size)
  }

  func error(_ kind: HDF5Error.Kind, _ attempt: String, _ cause: String) -> HDF5Error {
    HDF5Error(kind: kind, file: file, object: object, attempt: attempt, cause: cause)
  }
}
