import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// A sparse matrix as SciPy, AnnData, 10x Genomics and MATLAB store it, against what SciPy's `toarray()` gives.
struct SparseMatrixTests {
  private func dense() throws -> [Float] { try ArrayMatrix(Fixture.path("Sparse/dense.npy")).values }

  private func convert(
    _ inputs: String, targets: String? = nil, of path: String = Fixture.path("Sparse/sparse.h5"),
    in fixture: Fixture
  ) throws -> (file: File, notes: [String]) {
    var dataset = HierarchyDataset(files: [path], inputs: [inputs])
    dataset.targets = targets
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (file, summary.notes)
  }

  @Test(arguments: [
    ("X", "/X: sparse matrix, written out as 12 x 7 numbers, of which 30% are stored"),
    ("layers/columns", "/layers/columns: sparse matrix, written out as 12 x 7 numbers"),
    ("matrix", "/matrix: sparse matrix of barcodes x features (10x Genomics), written out as 12 x 7"),
    ("S", "/S: sparse matrix of MATLAB, written out as 12 x 7 numbers"),
  ])
  func formsOfHDF5(_ inputs: String, _ note: String) throws {
    let fixture = try Fixture()
    let (file, notes) = try convert(inputs, in: fixture)
    #expect(try file.dataset("train/inputs").shape == [12, 7])
    #expect(try file.dataset("train/inputs").read(as: Float.self) == dense())
    #expect(notes.contains { $0.hasPrefix(note) }, "\(notes)")
  }

  @Test func categoriesAreClasses() throws {
    let fixture = try Fixture()
    let (file, _) = try convert("X", targets: "obs/kind", in: fixture)
    #expect(try file.dataset("classes").read(as: String.self) == ["B", "T"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == (0..<12).map { 1 - $0 % 2 })
  }

  @Test(arguments: ["csr", "csc", "coo"]) func formsOfSciPy(_ format: String) throws {
    let fixture = try Fixture()
    let dataset = ArrayDataset(files: [Fixture.path("Sparse/\(format).npz")])
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == dense())
    let note = "train/inputs: sparse matrix (\(format)) of SciPy, written out as 12 x 7 numbers"
    #expect(summary.notes.contains { $0.hasPrefix(note) }, "\(summary.notes)")
  }

  @Test func otherFormsOfSciPyAreRefused() throws {
    let fixture = try Fixture()
    let dataset = ArrayDataset(files: [Fixture.path("Sparse/bsr.npz")])
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains("is a sparse matrix in the format 'bsr' of SciPy; save x.tocsr()"), "\(failure)")
  }

  /// Places outside of the matrix, and what is too large.
  @Test(
    .enabled(if: Python.has("h5py"), Python.missing),
    arguments: [
      ("f['X/indices'][3] = 7", "group /X: number 3 is at row 2 and column 7 of 12 x 7"),
      ("f['X/indices'][3] = -1", "and column -1 of 12 x 7"),
      ("f['X/indptr'][3] = 1000", "has 13 pointers, which are not 13 numbers that ascend"),
      ("f['X'].attrs['shape'] = [12, 1 << 40]", "more than the limit of"),
      ("f['X'].attrs['shape'] = [1 << 62, 1 << 62]", "more than the limit of"),
      ("f['X'].attrs['shape'] = [-3, 7]", "has the shape [-3, 7], not of a matrix"),
      ("f['X'].attrs['shape'] = [13, 7]", "which are not 14 numbers that ascend"),
      ("del f['X/indices']; f['X/indices'] = [0, 1]", "numbers, but 2 places of them"),
      ("del f['X'].attrs['shape']", "is a sparse matrix without a shape"),
      ("del f['X'].attrs['encoding-type']", "does not tell whether it is stored by rows or by columns"),
    ])
  func wrongMatrices(_ change: String, _ message: String) throws {
    let fixture = try Fixture()
    try FileManager.default.copyItem(atPath: Fixture.path("Sparse/sparse.h5"), toPath: fixture.path("x.h5"))
    let made = try Python.run(
      "import h5py\nf = h5py.File('x.h5', 'a')\n\(change)\nf.close()", in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    let error = #expect(throws: WeftError.self) {
      try convert("X", of: fixture.path("x.h5"), in: fixture)
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
