import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// Arrays that are not what they seem: what training says of them.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct ArrangementTests {
  private static func configuration(_ program: String, in folder: TemporaryFolder) throws -> Configuration {
    let before = """
      import h5py, numpy as np
      x = np.arange(10 * 4 * 2.0).reshape(10, 4, 2); y = np.arange(10) % 2
      f = h5py.File("data.h5", "w")

      """
    let result = try Python.run(before + program, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.inputs = ["/x"]
    configuration.data.targets = "/y"
    configuration.model.output = .lastStep
    configuration.training.batch = 10
    return configuration
  }

  @Test(arguments: [
    (
      "f['x'] = x.reshape(10, 2, 2, 2); f['y'] = y",
      "/x: has the shape [10, 2, 2, 2]; dense data (data.format) needs 2 or 3 dimensions; make features of the last 2:"
        + " x.reshape(10, 2, -1) in Python, or weft data hdf5 with --axes NTFF"
    ),
    (
      "f['x'] = x.astype('c8'); f['y'] = y",
      "/x: has type compound{r: float32, i: float32}, expected numbers; save the parts of complex numbers as features"
    ),
    (
      "f['x'] = np.zeros((10, 4), [('a', 'f4'), ('b', 'f4')]); f['y'] = y",
      "/x: has type compound{a: float32, b: float32}, expected numbers; weft data hdf5 makes steps of records"
    ),
    (
      "f.create_dataset('x', (10,), dtype=h5py.vlen_dtype('f4'))[:] = [np.ones(3, 'f4')] * 10; f['y'] = y",
      "/x: has type sequence of float32, expected numbers; weft data hdf5 makes a sequence of each row"
    ),
    (
      "f['x'] = x.astype('f4').view('V4'); f['y'] = y",
      "/x: has type opaque[4], expected numbers; save it as numbers of their own type"
    ),
    (
      "f['x'] = x; f['y'] = h5py.SoftLink('/labels')",
      "'/y' is a link to '/labels', which does not exist; name another with data.targets"
    ),
    (
      "f['x'] = x; f['y'] = h5py.ExternalLink('other.h5', '/labels')",
      "'/y' is a link to '/labels' in the file 'other.h5', which is missing or has no such object"
    ),
    (
      "f['x'] = np.array([f.create_dataset('r', data=y).ref] * 3, dtype=h5py.ref_dtype); f['y'] = y",
      "/x: has type reference; weft data hdf5 makes a sequence of each object that it refers to"
    ),
    (
      "f['x'] = x; f['y'] = np.ones((6, 1), 'u4'); f['y'].attrs['MATLAB_class'] = np.bytes_('categorical')",
      "/y: is of MATLAB's class categorical, which only MATLAB reads; save cellstr(x), or double(x) for numbers"
    ),
    (
      "f['x'] = x; f['y'] = np.full((3, 10), 97, 'u2'); f['y'].attrs['MATLAB_class'] = np.bytes_('char')",
      "/y: is text of MATLAB; weft data hdf5 makes classes of it"
    ),
    (
      "f['x'] = np.array([0, 5], 'u8'); f['x'].attrs['MATLAB_class'] = np.bytes_('double')"
        + "; f['x'].attrs['MATLAB_empty'] = np.uint8(1); f['y'] = y",
      "/x: is empty in MATLAB"
    ),
    // As xarray and netCDF name dimensions.
    (
      """
      f["x"] = x; f["y"] = y
      for i, name in enumerate(["time", "lat", "lon"]):
          f[name] = np.arange(x.shape[i]); f[name].make_scale(name); f["x"].dims[i].attach_scale(f[name])
      """,
      "/x: its dimensions are time, lat, lon; as dense data (data.format), time is the second: convert it with weft data"
        + " hdf5 --axes TFF"
    ),
    (
      "f['x'] = x; f['y'] = y; f['x'].dims[1].label = 'channel'; f['x'].dims[2].label = 'time'",
      "/x: its dimensions are ?, channel, time; as dense data (data.format), time is the second: convert it with weft"
        + " data hdf5 --axes NFT"
    ),
  ])
  func isRefusedByName(_ program: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(program, in: folder)
    let error = #expect(throws: WeftError.self) { try DatasetFile(configuration).summary(split: "train") }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    (
      "f['x'] = x; f['y'] = y + 1.0",
      "targets: one of 3 classes for each sequence; /y: its classes begin with 1, but count from 0"
    ),
    (
      "f['x'] = x.reshape(10, 1, 8); f['y'] = y",
      "/x: has one step for each sequence; if its 8 features are steps, convert it with weft data hdf5 --axes NFT"
    ),
    (
      "f['x'] = x; f['x'].attrs['MATLAB_class'] = np.bytes_('double'); f['y'] = y",
      "/x: 2 x 4 x 10 in MATLAB, read as features x steps x sequences"
    ),
  ])
  func isTold(_ program: String, _ note: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(program, in: folder)
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.contains(note), "\(summary)")
  }

  /// Vectors of MATLAB are matrices of one row or column, whose classes are counted as any.
  @Test(arguments: ["y[None]", "y[:, None]"]) func classesInVectorsOfMATLAB(_ labels: String) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(
      "f['x'] = x; f['y'] = \(labels); f['y'].attrs['MATLAB_class'] = np.bytes_('int64')", in: folder)
    let dataset = try DatasetFile(configuration)
    #expect(try dataset.summary(split: "train").contains("targets: one of 2 classes for each sequence"))
    let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
    #expect(batch.targets == .classes((0..<10).map { $0 % 2 }))
  }

  /// A virtual dataset that is as long as its source, which can grow.
  @Test func virtualDatasetsWithoutLimit() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(
      """
      with h5py.File("source.h5", "w") as s: s.create_dataset("v", data=x, maxshape=(None, 4, 2), chunks=(3, 4, 2))
      layout = h5py.VirtualLayout((10, 4, 2), "f8", maxshape=(None, 4, 2))
      layout[:h5py.h5s.UNLIMITED] = h5py.VirtualSource("source.h5", "v", (10, 4, 2), maxshape=(None, 4, 2))[:h5py.h5s.UNLIMITED]
      f.create_virtual_dataset("x", layout); f["y"] = y
      """, in: folder)
    let source = try DatasetFile(configuration).batches(split: "train", shuffles: false)
    let values = try #require(source.batch(epoch: 0, index: 0).inputs.features).values
    #expect(values == (0..<80).map { Float($0) })
  }

  /// A file that is read by its name, and through a link of another, whichever comes first.
  @Test(arguments: [true, false]) func filesOpenTwice(linkIsFirst: Bool) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(
      """
      with h5py.File("other.h5", "w") as o: o["y"] = y
      f["x"] = x; f["y"] = h5py.ExternalLink("other.h5", "/y")
      """, in: folder)
    let labels = (0..<10).map { $0 % 2 }
    let linked = linkIsFirst ? try File(opening: configuration.data.file).dataset("y") : nil
    let named = try File(opening: folder.file("other.h5")).dataset("y")
    #expect(try named.read(as: Int.self) == labels)
    if let linked { #expect(try linked.read(as: Int.self) == labels) }
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    #expect(batch.targets == .classes(labels.map { Int32($0) }))
    #expect(try named.read(as: Int.self) == labels)
  }

  /// A file that is closed, with objects of it left, can be written again once they are released.
  @Test func filesCloseWithTheirObjects() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.h5")
    do {
      let file = try File(creating: path)
      try file.write("x", [1, 2, 3] as [Float])
      try file.close()
    }
    do {
      let file = try File(opening: path)
      let dataset = try file.dataset("x")
      try file.close()
      let error = #expect(throws: HDF5Error.self) { try dataset.read(as: Float.self) }
      #expect(error?.kind == .closed)
    }
    let again = try File(opening: path, mode: .readWrite)
    try again.write("y", [4] as [Float])
    try again.close()
    #expect(try File(opening: path).dataset("y").read(as: Float.self) == [4])
  }
}
