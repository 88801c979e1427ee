import CHDF5

/// An array of values of one type, of any number of dimensions.
public struct Dataset: Sendable, Attributed {
  let handle: ObjectHandle

  /// The type of the stored values.
  public let datatype: Datatype
  /// The chunk shape; nil if the dataset is not chunked.
  public let chunkShape: [Int]?
  /// The filters of chunks, in order of writing.
  public let filters: [Filter]
  /// Whether the dataset is virtual.
  let isVirtual: Bool
  /// Whether the values are stored in external raw files.
  let isExternal: Bool
  /// Of the lengths of chunks without filters.
  let chunkCheck = DoneOnce()
  /// Chunks with filters that were found to be whole.
  let checkedChunks = CheckedChunks()

  init(_ handle: ObjectHandle) throws(HDF5Error) {
    let place = handle.place
    let attempt = "cannot open"
    self.handle = handle
    let type = try Self.storedType(of: handle)
    datatype = Datatype(describing: type)
    let properties = try place.identifier(attempt) { H5Dget_create_plist(handle.id) }
    filters = try Filter.list(of: properties, at: place)
    let layout = Library.exclusively { H5Pget_layout(properties.value) }
    isVirtual = layout == H5D_VIRTUAL
    if isVirtual { try VirtualSources(of: properties, at: place).check(in: handle.file) }
    isExternal = Library.exclusively { H5Pget_external_count(properties.value) } > 0
    if layout == H5D_CHUNKED {
      var extents = [hsize_t](repeating: 0, count: Int(H5S_MAX_RANK))
      let rank = try place.check(attempt) {
        H5Pget_chunk(properties.value, Int32(extents.count), &extents)
      }
      chunkShape = extents.prefix(Int(rank)).map { Int(clamping: $0) }
    } else {
      chunkShape = nil
    }
    if layout == H5D_COMPACT { try checkCompactStorage(type: type) }
    if let chunkShape { try check(chunkShape, type: type) }
  }

  /// The path from the file's root.
  public var path: String { handle.path }

  /// The last part of the path.
  public var name: String { handle.path.split(separator: "/").last.map(String.init) ?? "/" }

  /// The attributes of this dataset.
  public var attributes: Attributes { Attributes(handle) }

  /// The current extent, which other handles of the dataset may change.
  public var dataspace: Dataspace {
    get throws(HDF5Error) {
      try Dataspace(describing: try fileSpace(), at: handle.place)
    }
  }

  /// The current extent of every dimension; empty for a single value.
  public var shape: [Int] {
    get throws(HDF5Error) { try dataspace.shape }
  }

  /// Stored size of the values in bytes, after compression.
  public var storageByteCount: Int {
    Library.exclusively { Int(clamping: H5Dget_storage_size(handle.id)) }
  }

  /// Size of one stored value; variable-length values count as their reference.
  public var storedElementByteCount: Int {
    get throws(HDF5Error) {
      let type = try Self.storedType(of: handle)
      return Library.exclusively { Int(clamping: H5Tget_size(type.value)) }
    }
  }

  /// A compact dataset is stored in its object header, and the library reads beyond it if its shape is larger.
  private func checkCompactStorage(type: Identifier) throws(HDF5Error) {
    let stored = storageByteCount
    let size = Library.exclusively { Int(clamping: H5Tget_size(type.value)) }
    let space = try dataspace
    if space.isNull { return }
    let claimed = space.elementCount?.multipliedReportingOverflow(by: size)
    guard let claimed, !claimed.overflow, claimed.partialValue <= stored else {
      throw handle.place.error(.damaged, "cannot open", "its shape claims more than its \(stored) bytes")
    }
  }

  /// The library (1.10) loops forever on chunks without dimensions.
  private func check(_ chunkShape: [Int], type: Identifier) throws(HDF5Error) {
    let shape = try dataspace.shape
    guard chunkShape.count == shape.count, !chunkShape.contains(0) else {
      throw handle.place.error(
        .damaged, "cannot open", "its chunks of \(chunkShape) do not match its \(shape.count) dimensions")
    }
    // Every chunk is looked up, and its place takes more than so little data.
    let counts = zip(shape, chunkShape).map { $0 / $1 + ($0.isMultiple(of: $1) ? 0 : 1) }
    let size = Library.exclusively { Int(clamping: H5Tget_size(type.value)) }
    let bytes = (chunkShape + [size]).checkedProduct ?? .max
    if counts.checkedProduct ?? .max > ReadLimit.smallChunkCount, bytes < ReadLimit.smallChunk {
      throw handle.place.error(
        .tooLarge, "cannot open",
        "it has more than \(ReadLimit.smallChunkCount) chunks of \(bytes) bytes each;"
          + " store it in larger ones with h5repack")
    }
  }

  static func storedType(of handle: ObjectHandle) throws(HDF5Error) -> Identifier {
    try handle.place.identifier("cannot read its type") { H5Dget_type(handle.id) }
  }

  func fileSpace() throws(HDF5Error) -> Identifier {
    try handle.place.identifier("cannot read its shape") { H5Dget_space(handle.id) }
  }
}

extension Dataset {
  /// Path of its file, as it was given when that was opened.
  public var file: String { handle.place.file }

  /// Size of the file that holds it, which is another one behind an external link.
  var fileByteCount: Int {
    get throws(HDF5Error) {
      let attempt = "cannot look up the size of its file"
      let file = try handle.place.identifier(attempt) { H5Iget_file_id(handle.id) }
      var size: hsize_t = 0
      try handle.place.check(attempt) { H5Fget_filesize(file.value, &size) }
      return Int(clamping: size)
    }
  }
}
