import HDF5
import WeftBase

extension WeftError {
  /// An error of HDF5, with its own message.
  package init(_ error: HDF5Error) { self.init(error.kind.isOfAccess ? .file : .data, error.description) }

  /// The message of an error: unchanged if it names its file, otherwise prefixed with `file`.
  package init(_ error: any Error, in file: String) {
    switch error {
    case let error as HDF5Error: self.init(error)
    case let error as WeftError: self = error
    default: self.init(.failure, "\(file): \(error)")
    }
  }
}

extension HDF5Error.Kind {
  /// Whether the file cannot be opened or written, whatever it contains.
  fileprivate var isOfAccess: Bool {
    [.fileNotFound, .permissionDenied, .locked, .diskFull, .alreadyExists, .readOnly, .closed].contains(self)
  }
}
