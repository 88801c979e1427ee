import CMPI
import Foundation
import WeftBase

/// Weft's library for an MPI, loaded together with that MPI.
///
/// The program itself is linked to none: it runs where there is no MPI, and with whichever started it.
package struct MPILibrary: Sendable {
  /// The functions of the library.
  let calls: cmpi_interface

  /// Loads the library for an MPI and that MPI, which stay loaded.
  ///
  /// - Parameter folders: Where to look for Weft's library.
  /// - Throws: `WeftError` that says which of the two is missing and what to do.
  package init(_ mpi: MPIImplementation, in folders: [String]) throws(WeftError) {
    let places = folders.map { "\($0)/\(mpi.weftLibrary)" }
    guard let file = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw .failure(
        "\(places.first ?? mpi.weftLibrary), which connects Weft with \(mpi.name), is missing; install a package"
          + " of Weft, or make it from the sources with Scripts/mpi-libraries")
    }
    try Self.loadRuntime(mpi)
    guard let library = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
      throw .failure("\(file) does not fit the \(mpi.name) of this machine: \(Self.reason)")
    }
    guard let symbol = dlsym(library, "weft_mpi") else {
      throw .failure("\(file) is no library of Weft: \(Self.reason)")
    }
    // Its version comes first in every version.
    guard symbol.load(as: Int32.self) == CMPI_VERSION else {
      throw .failure("\(file) is of another version of Weft; install all files of one version")
    }
    calls = symbol.load(as: cmpi_interface.self)
    guard calls.mpi == (mpi == .openMPI ? CMPI_OPEN_MPI : CMPI_MPICH) else {
      throw .failure("\(file) is for another MPI; install all files of one version")
    }
  }

  /// Loads MPI. Its symbols are for all, because its own plug-ins look for them.
  private static func loadRuntime(_ mpi: MPIImplementation) throws(WeftError) {
    var reasons: [String] = []
    for name in mpi.runtimeLibraries {
      guard let runtime = dlopen(name, RTLD_NOW | RTLD_GLOBAL) else {
        reasons.append(reason)
        continue
      }
      let isOpenMPI = dlsym(runtime, MPIImplementation.symbolOfOpenMPI) != nil
      if isOpenMPI == (mpi == .openMPI) { return }
      reasons.append("\(name): is of another MPI")
      dlclose(runtime)
    }
    throw .failure(
      "no library of \(mpi.name) can be loaded (\(reasons[0])); install \(mpi.remedy) on every machine, or put"
        + " the folder of its libraries into LD_LIBRARY_PATH")
  }

  private static var reason: String { dlerror().map { String(cString: $0) } ?? "unknown error" }
}
