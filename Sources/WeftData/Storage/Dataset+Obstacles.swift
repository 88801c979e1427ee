import HDF5
import WeftBase

extension Dataset {
  /// Why the dataset is no array by itself: it has the numbers or the places of a sparse matrix, as AnnData, 10x Genomics
  /// and MATLAB store it; nil for others.
  ///
  /// - Throws: If the file cannot be read.
  package var sparseObstacle: String? {
    get throws {
      guard ["data", "indices", "indptr", "ir", "jc"].contains(name) else { return nil }
      let parent = try self.parent
      if try parent.attributes.contains("MATLAB_sparse") {
        return
          "is part of the sparse matrix \(parent.path) of MATLAB; name the group \(parent.path) as the input of weft data hdf5,"
          + " which writes it out, or save full(x)"
      }
      guard try parent.contains("data"), try parent.contains("indices"), try parent.contains("indptr") else {
        return nil
      }
      let shape = try SparseMatrix.shape(parent).map { " of \($0[0]) x \($0[1])" } ?? ""
      return
        "is part of the sparse matrix \(parent.path)\(shape); name the group \(parent.path) as the input of weft data hdf5,"
        + " which writes it out as an array, or use x.toarray() of scipy"
    }
  }

  /// Why the steps of the dataset are not one sequence: NWB divides its columns by another, `NAME_index` with the end of each
  /// row; nil for others.
  ///
  /// - Throws: If the file cannot be read.
  package var indexObstacle: String? {
    get throws {
      let parent = try self.parent
      guard try parent.contains("\(name)_index"), let index = try? parent.dataset("\(name)_index"),
        (try? index.attributes.value("neurodata_type", as: String.self)) == "VectorIndex"
      else { return nil }
      return
        "is divided into sequences by \(index.path) of NWB; write numpy.concatenate([[0], index]) and name it in"
        + " data.offsets"
    }
  }
}

private enum SparseMatrix {
  static func shape(_ group: Group) throws -> [Int]? {
    var shape: [Int]?
    for name in ["shape", "h5sparse_shape"] where try group.attributes.contains(name) {
      shape = try? group.attributes.values(name, as: Int.self)
    }
    if shape == nil, try group.contains("shape") { shape = try? group.dataset("shape").read(as: Int.self) }
    return shape?.count == 2 ? shape : nil
  }
}
