import HDF5
import WeftBase

extension WeftError {
  /// A failure of HDF5, told in its own line.
  package init(_ error: HDF5Error) { self.init(.failure, error.description) }

  /// What `error` tells in one line: as it stands where it names its file, else with `file` before it.
  package init(_ error: any Error, in file: String) {
    switch error {
    case let error as HDF5Error: self.init(error)
    case let error as WeftError: self = error
    default: self.init(.failure, "\(file): \(error)")
    }
  }
}
