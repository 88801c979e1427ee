import CHDF5

/// Shape of the values.
public struct Dataspace: Sendable, Hashable {
  /// The extent of every dimension; empty for a single value, and when there is none.
  public let shape: [Int]
  /// Maximum extent of each dimension; nil for no limit.
  public let maximumShape: [Int?]
  /// Whether the dataspace is null (h5py's `Empty`).
  public let isNull: Bool

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// The number of values, or nil if it overflows.
  public var elementCount: Int? {
    isNull ? 0 : shape.checkedProduct
  }

  /// Describes a dataspace of the C library.
  init(describing space: Identifier, at place: Place) throws(HDF5Error) {
    let attempt = "cannot read its shape"
    let kind = Library.exclusively { H5Sget_simple_extent_type(space.value) }
    let rank = Int(try place.check(attempt) { H5Sget_simple_extent_ndims(space.value) })
    var current = [hsize_t](repeating: 0, count: rank)
    var maximum = [hsize_t](repeating: 0, count: rank)
    try place.check(attempt) { H5Sget_simple_extent_dims(space.value, &current, &maximum) }
    var shape: [Int] = []
    for extent in current {
      guard let extent = Int(exactly: extent) else {
        throw place.error(.tooLarge, attempt, "a dimension has \(extent) elements")
      }
      shape.append(extent)
    }
    // Loops over the rows of what has no elements would never end.
    if let extent = shape.max(), shape.contains(0),
      shape.filter({ $0 > 0 }).checkedProduct ?? .max > ReadLimit.emptyExtent
    {
      throw place.error(.tooLarge, attempt, "it claims \(extent) rows without elements: \(shape)")
    }
    self.shape = shape
    maximumShape = maximum.map { Int(exactly: $0) }
    isNull = kind == H5S_NULL
  }

  /// Creates a dataspace of the C library: scalar for an empty shape.
  static func make(
    shape: [Int], maximumShape: [Int?]? = nil, at place: Place
  ) throws(HDF5Error) -> Identifier {
    let attempt = "cannot use the shape \(shape)"
    let maximumShape = maximumShape ?? shape
    guard maximumShape.count == shape.count else {
      throw place.error(.wrongRank, attempt, "its maximum has \(maximumShape.count) dimensions")
    }
    guard shape.allSatisfy({ $0 >= 0 }), shape.checkedProduct != nil else {
      throw place.error(.invalidArgument, attempt, "it has a negative or far too large dimension")
    }
    let isBelowMaximum = zip(shape, maximumShape).allSatisfy { $0 <= $1 ?? Int.max }
    guard isBelowMaximum else {
      throw place.error(.invalidArgument, attempt, "it is larger than its maximum")
    }
    let current = shape.map { hsize_t($0) }
    let maximum = maximumShape.map { $0.map { hsize_t($0) } ?? chdf5_unlimited() }
    return try place.identifier(attempt) {
      shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), current, maximum)
    }
  }
}

extension Dataspace: CustomStringConvertible {
  /// Short text: `[60000, 28, 28]`, `scalar` or `null`.
  public var description: String {
    isNull ? "null" : shape.isEmpty ? "scalar" : "\(shape)"
  }
}

extension Collection<Int> {
  /// The product, or nil if it overflows. The empty product is 1.
  var checkedProduct: Int? {
    // A zero makes the product zero, however large the other factors are.
    if contains(0) { return 0 }
    var product = 1
    for factor in self {
      let (partial, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow { return nil }
      product = partial
    }
    return product
  }
}
