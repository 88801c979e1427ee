import Foundation
import HDF5
import TestSupport
import Testing

/// Files that HDF5 divides into several are named, with the way to join them.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct DividedFileTests {
  @Test(arguments: [
    ("x000.h5", "it is one of a family of files, such as x00000.h5, x00001.h5; join them with h5repart"),
    ("x001.h5", "it is one of a family of files; join them with h5repart -family_to_single x%03d.h5 x.h5"),
    ("s-m.h5", "its contents are in several files, such as x-m.h5 and x-r.h5; copy them into one"),
    ("s-r.h5", "it has the numbers of the HDF5 file s-m.h5; copy both into one in Python"),
  ])
  func partsAreNamed(_ name: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    let made = try Python.run(
      """
      import h5py, numpy as np
      with h5py.File("x%03d.h5", "w", driver="family", memb_size=4096) as f: f["x"] = np.arange(4000.0)
      with h5py.File("s", "w", driver="split") as f: f["x"] = np.arange(4000.0)
      """, in: folder.url)
    #expect(made.status == 0, "\(made.output)")
    let error = #expect(throws: HDF5Error.self) {
      try File(opening: folder.url.appending(path: name).path)
    }
    #expect(error?.cause.contains(message) == true, "\(error?.cause ?? "")")
  }
}
