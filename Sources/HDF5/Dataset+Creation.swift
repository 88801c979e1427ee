import CHDF5

extension Container {
  /// Creates a numeric dataset, and missing groups of its path.
  ///
  /// - Parameters:
  ///   - name: its path.
  ///   - type: the type of its values, in the file as in memory.
  ///   - shape: the extent of every dimension; empty for a single value.
  ///   - maximumShape: the limit of ``Dataset/extend(to:)``, nil in a dimension for no limit.
  ///   - chunk: the chunk shape. Nil chooses one if filters or a maximum shape require chunks; otherwise the dataset is
  ///     contiguous.
  ///   - filters: the filters of chunks, in order of writing.
  ///   - fillValue: the value of unwritten elements; nil for zero.
  /// - Throws: `alreadyExists`, `invalidArgument`, `wrongRank`, `readOnly`, …
  @discardableResult
  public func createDataset<T: HDF5Element>(
    _ name: String, of type: T.Type, shape: [Int], maximumShape: [Int?]? = nil, chunk: [Int]? = nil,
    filters: [Filter] = [], fillValue: T? = nil
  ) throws(HDF5Error) -> Dataset {
    let place = baseGroup.place(ofNew: name)
    let stored = try T.elementKind.storedType(at: place)
    let properties = try creationProperties(
      shape: shape, maximumShape: maximumShape, chunk: chunk, filters: filters,
      elementSize: MemoryLayout<T>.stride, at: place)
    if let fillValue {
      try place.check("cannot set the fill value") {
        withUnsafePointer(to: fillValue) { H5Pset_fill_value(properties.value, stored.value, $0) }
      }
    }
    let space = try Dataspace.make(shape: shape, maximumShape: maximumShape, at: place)
    return try create(name, type: stored, space: space, properties: properties)
  }

  /// Creates a dataset of variable-length UTF-8 text; the parameters are those for numbers.
  ///
  /// Filters apply to references to the text, not to the text itself, and hardly compress such a dataset.
  /// - Throws: `alreadyExists`, `invalidArgument`, `wrongRank`, `readOnly`, …
  @discardableResult
  public func createDataset(
    _ name: String, of type: String.Type, shape: [Int], maximumShape: [Int?]? = nil, chunk: [Int]? = nil,
    filters: [Filter] = []
  ) throws(HDF5Error) -> Dataset {
    let place = baseGroup.place(ofNew: name)
    let stored = try StringWriter.storedType(at: place)
    // In the file, a text is stored as a length, an address and an index.
    let elementSize = 16
    let properties = try creationProperties(
      shape: shape, maximumShape: maximumShape, chunk: chunk, filters: filters, elementSize: elementSize,
      at: place)
    let space = try Dataspace.make(shape: shape, maximumShape: maximumShape, at: place)
    return try create(name, type: stored, space: space, properties: properties)
  }

  /// Creates a dataset and writes its values, in row-major order.
  ///
  /// - Parameters:
  ///   - name: its path.
  ///   - values: as many elements as the product of `shape`.
  ///   - shape: the extent of every dimension; nil for one dimension.
  ///   - chunk: as for creating a dataset.
  ///   - filters: as for creating a dataset.
  /// - Throws: as creating and writing a dataset.
  @discardableResult
  public func write<T: HDF5Element>(
    _ name: String, _ values: [T], shape: [Int]? = nil, chunk: [Int]? = nil, filters: [Filter] = []
  ) throws(HDF5Error) -> Dataset {
    let shape = try baseGroup.checkedShape(shape, valueCount: values.count, name: name)
    let dataset = try createDataset(name, of: T.self, shape: shape, chunk: chunk, filters: filters)
    try dataset.write(values)
    return dataset
  }

  /// Creates a dataset of variable-length text and writes its values, in row-major order.
  ///
  /// - Throws: as creating and writing a dataset.
  @discardableResult
  public func write(
    _ name: String, _ values: [String], shape: [Int]? = nil, chunk: [Int]? = nil, filters: [Filter] = []
  ) throws(HDF5Error) -> Dataset {
    let shape = try baseGroup.checkedShape(shape, valueCount: values.count, name: name)
    try StringWriter.check(values, at: baseGroup.place(ofNew: name), attempt: Dataset.writingAttempt)
    let dataset = try createDataset(name, of: String.self, shape: shape, chunk: chunk, filters: filters)
    try dataset.write(values)
    return dataset
  }

  /// Creates a dataset of fixed-length text, sized for the longest, and writes its values, in row-major order.
  ///
  /// Unlike variable-length text, it passes through filters: it is compressed and covered by checksums.
  /// - Throws: as creating and writing a dataset.
  @discardableResult
  public func write(
    _ name: String, fixedLength values: [String], shape: [Int]? = nil, chunk: [Int]? = nil,
    filters: [Filter] = []
  ) throws(HDF5Error) -> Dataset {
    let shape = try baseGroup.checkedShape(shape, valueCount: values.count, name: name)
    let place = baseGroup.place(ofNew: name)
    try StringWriter.check(values, at: place, attempt: Dataset.writingAttempt)
    let type = try StringWriter.fixedType(for: values, at: place)
    let bytes = StringWriter.fixedBytes(of: values, type: type)
    let properties = try creationProperties(
      shape: shape, maximumShape: nil, chunk: chunk, filters: filters,
      elementSize: max(bytes.count / max(values.count, 1), 1), at: place)
    let space = try Dataspace.make(shape: shape, at: place)
    let dataset = try create(name, type: type, space: space, properties: properties)
    if values.isEmpty { return dataset }
    try place.check(Dataset.writingAttempt) {
      H5Dwrite(dataset.handle.id, type.value, chdf5_all(), chdf5_all(), chdf5_default(), bytes)
    }
    return dataset
  }

  private func creationProperties(
    shape: [Int], maximumShape: [Int?]?, chunk: [Int]?, filters: [Filter], elementSize: Int, at place: Place
  ) throws(HDF5Error) -> Identifier {
    let attempt = "cannot create"
    let properties = try place.identifier(attempt) { H5Pcreate(chdf5_dataset_create()) }
    // Timestamps would make equal contents differ.
    try place.check(attempt) { H5Pset_obj_track_times(properties.value, false) }
    let mayChange = maximumShape.map { $0 != shape.map(Optional.some) } ?? false
    if chunk == nil && filters.isEmpty && !mayChange { return properties }
    guard !shape.isEmpty else {
      throw place.error(.invalidArgument, attempt, "a single value cannot be chunked or filtered")
    }
    let chunk = chunk ?? ChunkShape.automatic(shape: shape, elementSize: elementSize)
    guard chunk.count == shape.count else {
      throw place.error(.wrongRank, attempt, "the chunk shape \(chunk) does not fit the shape \(shape)")
    }
    // The format keeps the extents of chunks, and their size in bytes, in 32 bits.
    guard chunk.allSatisfy({ $0 > 0 }), let count = chunk.checkedProduct,
      count <= Int(UInt32.max) / elementSize
    else {
      throw place.error(.invalidArgument, attempt, "chunks must be from 1 byte to 4 GiB, not \(chunk)")
    }
    let extents = zip(chunk, maximumShape ?? shape).map { hsize_t(min($0, max($1 ?? Int.max, 1))) }
    try place.check(attempt) { H5Pset_chunk(properties.value, Int32(extents.count), extents) }
    for filter in filters {
      try filter.add(to: properties, at: place)
    }
    return properties
  }

  private func create(
    _ name: String, type: Identifier, space: Identifier, properties: Identifier
  ) throws(HDF5Error) -> Dataset {
    let (parent, last) = try baseGroup.parent(of: name, attempt: "cannot create the dataset")
    let handle = parent.handle
    let path = handle.absolutePath(of: last)
    let place = handle.place.naming("dataset \(path)")
    let identifier = try place.identifier("cannot create", in: handle.file) {
      H5Dcreate2(
        handle.id, last, type.value, space.value, chdf5_default(), properties.value, chdf5_default())
    }
    return try Dataset(
      ObjectHandle(identifier: identifier, file: handle.file, path: path, kind: "dataset"))
  }
}

extension Group {
  fileprivate func place(ofNew name: String) -> Place {
    handle.place.naming("dataset \(handle.absolutePath(of: name))")
  }

  fileprivate func checkedShape(
    _ shape: [Int]?, valueCount: Int, name: String
  ) throws(HDF5Error) -> [Int] {
    let shape = shape ?? [valueCount]
    guard shape.checkedProduct == valueCount else {
      throw place(ofNew: name).error(
        .invalidArgument, Dataset.writingAttempt, "there are \(valueCount) values for the shape \(shape)")
    }
    return shape
  }
}
