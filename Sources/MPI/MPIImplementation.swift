/// An MPI that ranks can communicate through.
package enum MPIImplementation: String, CaseIterable, Sendable {
  /// Open MPI, since its version 2.
  case openMPI = "openmpi"
  /// MPICH, and those that are called as it is: Intel MPI, MVAPICH, and HPE Cray's with its compatibility library.
  case mpich

  /// Its name for people.
  package var name: String {
    switch self {
    case .openMPI: "Open MPI"
    case .mpich: "MPICH"
    }
  }

  /// The file of Weft's library for it.
  package var weftLibrary: String { "libweft-\(rawValue).\(Self.suffix)" }

  /// The files that its own library may have, the likeliest first. The number is that of its binary interface; Debian
  /// gives MPICH's another name.
  var runtimeLibraries: [String] {
    #if os(macOS)
      switch self {
      case .openMPI: ["libmpi.40.dylib", "libmpi.dylib"]
      case .mpich: ["libmpi.12.dylib", "libmpi.dylib"]
      }
    #else
      switch self {
      case .openMPI: ["libmpi.so.40", "libmpi.so.20", "libmpi.so"]
      case .mpich: ["libmpi.so.12", "libmpich.so.12", "libmpi.so"]
      }
    #endif
  }

  /// A symbol that only Open MPI has: files of both may have the same name.
  static let symbolOfOpenMPI = "ompi_mpi_comm_world"

  /// What to install where its library is missing.
  var remedy: String {
    switch self {
    case .openMPI: "Open MPI (Debian, Ubuntu: openmpi-bin)"
    case .mpich: "MPICH (Debian, Ubuntu: mpich)"
    }
  }

  private static var suffix: String {
    #if os(macOS)
      "dylib"
    #else
      "so"
    #endif
  }
}
