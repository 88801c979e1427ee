import Foundation

extension HDF5Error {
  /// Turns the C library's error stack into one cause.
  ///
  /// The library has no stable codes for most errors, so its texts are recognized; others are passed on as their
  /// innermost description.
  init(explaining stack: [String], at place: Place, attempt: String) {
    let (kind, cause) = Self.explanation(of: stack)
    self.init(kind: kind, file: place.file, object: place.object, attempt: attempt, cause: cause)
  }

  static let notEnoughMemory = "not enough memory"

  private static func explanation(of stack: [String]) -> (Kind, String) {
    for entry in stack {
      if let explanation = systemExplanation(of: entry) { return explanation }
    }
    for entry in stack {
      for (text, kind, cause) in recognized where entry.contains(text) {
        return (kind, cause ?? entry)
      }
      if let explanation = truncation(entry) { return explanation }
    }
    return (.other, stack.first ?? "the HDF5 library gives no reason")
  }

  /// Texts of the library, their meaning, and replacement texts (nil to keep the text).
  private static let recognized: [(text: String, kind: Kind, cause: String?)] = [
    ("file signature not found", .notHDF5, "not an HDF5 file"),
    ("Fletcher32 checksum", .checksumMismatch, "the data is damaged: checksum mismatch"),
    (
      "incorrect metadata checksum", .damaged, "the file is damaged: metadata checksum mismatch"
    ),
    ("inflate() failed", .damaged, "the data is damaged: cannot be decompressed"),
    ("lzf data are damaged", .damaged, "the data is damaged: cannot be decompressed"),
    (
      "unable to truncate a file which is already open", .locked,
      "the file is open elsewhere in this process"
    ),
    (
      "file is already open for read-only", .locked,
      "the file is open elsewhere in this process for reading"
    ),
    (
      "file is already open for write", .locked,
      "the file is open for writing, or its writer crashed; if no program writes it, remove the mark with h5clear -s"
        + " (hdf5-tools)"
    ),
    ("file is not already open for SWMR writing", .locked, "the file is open elsewhere"),
    (
      "file close degree doesn't match", .locked,
      "a file cannot be written, and be read through a link or a virtual dataset of another file, at once"
    ),
    (
      "family driver should be used", .wrongType,
      ForeignFile.family
    ),
    (
      "multi driver should be used", .wrongType,
      "its contents are in several files, such as x-m.h5 and x-r.h5; copy them into one in Python, from"
        + " h5py.File('x', driver='split')"
    ),
    ("no write intent", .readOnly, "the file was opened for reading only"),
    ("file exists", .alreadyExists, "the file exists already"),
    ("name already exists", .alreadyExists, "an object of that name exists already"),
    ("attribute already exists", .alreadyExists, "an attribute of that name exists already"),
    ("chunk storage is not allocated", .notFound, "the chunk is not stored"),
    ("chunk address isn't defined", .notFound, "the chunk is not stored"),
    ("component not found", .notFound, "no such object"),
    ("doesn't exist", .notFound, nil),
    ("can't locate attribute", .notFound, "no such attribute"),
    ("not a dataset", .wrongType, "it is not a dataset"),
    ("not a group", .wrongType, "it is not a group"),
    (
      "no appropriate function for conversion path", .wrongType,
      "the stored type cannot be converted"
    ),
    (
      "bad version number", .wrongType,
      "it has a newer format than this HDF5 library; rewrite it with h5repack --low=0 --high=2, or with h5py's"
        + " libver='v110'"
    ),
    ("is not registered", .filterUnavailable, nil),
    ("addr overflow", .damaged, "the file is damaged or truncated: an address lies past its end"),
    ("memory allocation failed", .tooLarge, notEnoughMemory),
    ("unable to allocate", .tooLarge, notEnoughMemory),
  ]

  /// Recognizes `truncated file: eof = 4000, sblock->base_addr = 0, stored_eof = 402048`.
  private static func truncation(_ entry: String) -> (Kind, String)? {
    guard entry.contains("truncated file") else { return nil }
    guard let actual = number(after: "file: eof = ", in: entry),
      let expected = number(after: "stored_eof = ", in: entry)
    else { return (.truncated, "the file is truncated") }
    return (.truncated, "the file is truncated: it has \(actual) of \(expected) bytes")
  }

  /// Recognizes the `errno = 28` of the library's file drivers.
  private static func systemExplanation(of entry: String) -> (Kind, String)? {
    guard let code = number(after: "errno = ", in: entry).flatMap({ Int32(exactly: $0) }), code != 0
    else {
      return nil
    }
    if entry.contains("lock"), code == EAGAIN || code == EWOULDBLOCK || code == EACCES {
      return (.locked, "the file is locked by another program")
    }
    return switch code {
    case EMFILE, ENFILE:
      (.other, "too many files are open; raise the limit (ulimit -n)")
    case ESTALE: (.other, "the file was replaced by another while it was read")
    case ENOENT: (.fileNotFound, "no such file or directory")
    case EACCES, EPERM: (.permissionDenied, "permission denied")
    case EROFS: (.permissionDenied, "the file system is read-only")
    case ENOSPC, EDQUOT: (.diskFull, "the disk is full")
    case EFBIG: (.diskFull, "the file would grow past its size limit")
    case EISDIR: (.notHDF5, "it is a directory")
    case EEXIST: (.alreadyExists, "the file exists already")
    default: (.other, String(cString: strerror(code)).lowercasedFirst)
    }
  }

  private static func number(after marker: String, in text: String) -> UInt64? {
    guard let range = text.range(of: marker) else { return nil }
    return UInt64(text[range.upperBound...].prefix { $0.isASCII && $0.isNumber })
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
