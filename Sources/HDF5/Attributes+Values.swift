import CHDF5

extension Attributes {
  /// The only value of an attribute, converted to `T`.
  ///
  /// - Throws: `notFound`, `wrongType` if it is not numeric, `wrongRank` if there is not exactly one value.
  public func value<T: HDF5Element>(_ name: String, as type: T.Type = T.self) throws(HDF5Error) -> T {
    let attribute = try open(name)
    try attribute.checkIsSingle()
    return try attribute.numbers(as: type)[0]
  }

  /// The only value of an attribute, as text.
  ///
  /// - Throws: `notFound`, `wrongType` if it is not text, `wrongRank` if there is not exactly one value.
  public func value(_ name: String, as type: String.Type) throws(HDF5Error) -> String {
    let attribute = try open(name)
    try attribute.checkIsSingle()
    return try attribute.strings()[0]
  }

  /// All values of an attribute, in row-major order, converted to `T`.
  ///
  /// - Throws: `notFound`, `wrongType` if it is not numeric.
  public func values<T: HDF5Element>(_ name: String, as type: T.Type = T.self) throws(HDF5Error) -> [T] {
    try open(name).numbers(as: type)
  }

  /// All values of an attribute, in row-major order, as text.
  ///
  /// - Throws: `notFound`, `wrongType` if it is not text.
  public func values(_ name: String, as type: String.Type) throws(HDF5Error) -> [String] {
    try open(name).strings()
  }

  /// Sets an attribute to a single value.
  ///
  /// - Throws: `readOnly`, `diskFull`, …
  public func set<T: HDF5Element>(_ name: String, to value: T) throws(HDF5Error) {
    try set(name, values: [value], shape: [])
  }

  /// Sets an attribute to an array of values.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - values: the values in row-major order.
  ///   - shape: the extent of every dimension; nil for one dimension.
  /// - Throws: `invalidArgument` if the number of values does not match the shape, `readOnly`, `diskFull`, …
  public func set<T: HDF5Element>(
    _ name: String, to values: [T], shape: [Int]? = nil
  ) throws(HDF5Error) {
    try set(name, values: values, shape: shape ?? [values.count])
  }

  /// Sets an attribute to a text.
  ///
  /// - Throws: `invalidArgument` for a NUL in the text, `readOnly`, `diskFull`, …
  public func set(_ name: String, to value: String) throws(HDF5Error) {
    try set(name, texts: [value], shape: [])
  }

  /// Sets an attribute to an array of texts.
  ///
  /// - Throws: `invalidArgument` for a NUL in a text, `readOnly`, `diskFull`, …
  public func set(_ name: String, to values: [String], shape: [Int]? = nil) throws(HDF5Error) {
    try set(name, texts: values, shape: shape ?? [values.count])
  }

  /// Sets an attribute to a fixed-length text.
  ///
  /// Unlike variable-length text, which the format stores in a heap without a checksum, it is part of the checksummed
  /// metadata. Python's h5py reads it as bytes.
  /// - Throws: `invalidArgument` for a NUL in the text, `readOnly`, `diskFull`, …
  public func set(_ name: String, toFixedLength value: String) throws(HDF5Error) {
    let place = place(of: name)
    try StringWriter.check([value], at: place, attempt: "cannot write")
    let type = try StringWriter.fixedType(for: [value], at: place)
    let bytes = StringWriter.fixedBytes(of: [value], type: type)
    try replace(name, type: type, shape: []) { H5Awrite($0, type.value, bytes) }
  }

  private func set<T: HDF5Element>(_ name: String, values: [T], shape: [Int]) throws(HDF5Error) {
    let place = place(of: name)
    try check(values.count, shape, at: place)
    let type = try T.elementKind.storedType(at: place)
    try replace(name, type: type, shape: shape) { attribute in
      values.withUnsafeBufferPointer { H5Awrite(attribute, type.value, $0.baseAddress) }
    }
  }

  private func set(_ name: String, texts: [String], shape: [Int]) throws(HDF5Error) {
    let place = place(of: name)
    try check(texts.count, shape, at: place)
    try StringWriter.check(texts, at: place, attempt: "cannot write")
    let type = try StringWriter.storedType(at: place)
    if texts.isEmpty {
      try replace(name, type: type, shape: shape) { _ in 0 }
      return
    }
    try StringWriter.withPointers(to: texts) { pointers throws(HDF5Error) in
      try replace(name, type: type, shape: shape) { H5Awrite($0, type.value, pointers) }
    }
  }

  private func check(_ count: Int, _ shape: [Int], at place: Place) throws(HDF5Error) {
    guard shape.checkedProduct == count else {
      throw place.error(
        .invalidArgument, "cannot write", "there are \(count) values for the shape \(shape)")
    }
  }
}
