import CHDF5

/// A block of a dataset: from `offset`, `count` elements in every dimension, `stride` apart.
struct Selection {
  let offset: [Int]
  let count: [Int]
  let stride: [Int]

  /// Everything in a shape.
  init(all shape: [Int]) {
    offset = shape.map { _ in 0 }
    count = shape
    stride = shape.map { _ in 1 }
  }

  /// A block of a dataset of the given shape.
  ///
  /// - Throws: `wrongRank`, `outOfBounds`.
  init(
    offset: [Int], count: [Int], stride: [Int]?, in shape: [Int], at place: Place, attempt: String
  ) throws(HDF5Error) {
    let stride = stride ?? shape.map { _ in 1 }
    guard offset.count == shape.count, count.count == shape.count, stride.count == shape.count else {
      throw place.error(
        .wrongRank, attempt,
        "it has \(shape.count) dimensions, the selection has \(offset.count) offsets, \(count.count) counts")
    }
    for dimension in shape.indices {
      let (first, number, step) = (offset[dimension], count[dimension], stride[dimension])
      guard first >= 0, number >= 0, step >= 1,
        Self.fits(first: first, number: number, step: step, extent: shape[dimension])
      else {
        let last = step == 1 ? "" : " with stride \(step)"
        throw place.error(
          .outOfBounds, attempt,
          "\(number) elements from \(first)\(last) leave dimension \(dimension) of \(shape[dimension])")
      }
    }
    self.offset = offset
    self.count = count
    self.stride = stride
  }

  private static func fits(first: Int, number: Int, step: Int, extent: Int) -> Bool {
    if number == 0 { return first <= extent }
    let (span, overflow) = (number - 1).multipliedReportingOverflow(by: step)
    return !overflow && first < extent && span <= extent - 1 - first
  }

  var elementCount: Int? { count.checkedProduct }

  /// The dataspaces for a transfer between packed memory and the selected block of the file.
  ///
  /// - Parameter space: the dataset's own dataspace, in which the selection is made.
  /// - Returns: the dataspace of the memory.
  func apply(to space: Identifier, at place: Place, attempt: String) throws(HDF5Error) -> Identifier {
    if !count.isEmpty {
      let (start, step, number) = (
        offset.map { hsize_t($0) }, stride.map { hsize_t($0) }, count.map { hsize_t($0) }
      )
      try place.check(attempt) {
        H5Sselect_hyperslab(space.value, H5S_SELECT_SET, start, step, number, nil)
      }
    }
    return try Dataspace.make(shape: count, at: place)
  }
}
