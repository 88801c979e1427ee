import CHDF5

/// Reads all structure of a file that the C library interprets: links, headers, attributes, chunk indices, and
/// variable-length text in heaps. Unreadable parts are skipped.
final class Survey {
  /// Whether something claims more memory than is available, or than the file has bytes.
  private(set) var isOutOfMemory = false
  private var visited: Set<Group.Identity> = []

  /// - Parameter advance: Called before each object, of which a file has as many as its size allows.
  func examine(_ path: String, advance: () -> Void) {
    attempt {
      let file = try File(opening: path)
      var pending = [file.root]
      if let root = file.root.resolve(".") { visited.insert(root.identity) }
      while let group = pending.popLast() {
        examine(group.attributes)
        for name in names(in: group) {
          var isInside = true
          attempt {
            if case .external = try group.child(name).link { isInside = false }
          }
          guard isInside else { continue }
          // External links are not followed, and each object is visited once.
          guard let object = group.resolve(name), visited.insert(object.identity).inserted else { continue }
          advance()
          switch object.kind {
          case .group: attempt { pending.append(try group.group(name)) }
          case .dataset: attempt { self.examine(try group.dataset(name)) }
          default: break
          }
        }
      }
    }
  }

  private func names(in group: Group) -> [String] {
    let list = NameList()
    // Those that come before the damage are of use too.
    attempt {
      try group.handle.place.check("cannot list its contents") {
        chdf5_list_links(group.handle.id, NameList.append, list.context)
      }
    }
    return list.textNames
  }

  private func examine(_ attributes: Attributes) {
    attempt {
      for name in try attributes.names { attempt { _ = try attributes.describe(name) } }
    }
  }

  private func examine(_ dataset: Dataset) {
    examine(dataset.attributes)
    attempt { _ = try dataset.dataspace }
    attempt {
      if dataset.chunkShape != nil { _ = try dataset.chunkCount }
      try lookUpLastChunk(of: dataset)
      // The library makes room for a chunk of the size that the index claims, and fills it with zeros where the file
      // has ended.
      if !dataset.isVirtual, !dataset.isExternal,
        try dataset.storageByteCount > dataset.fileByteCount
      {
        isOutOfMemory = true
      }
    }
    attempt {
      if dataset.datatype == .string {
        _ = try dataset.read(as: String.self)
      } else {
        try dataset.readHeaps()
      }
    }
  }

  /// Looks up the last chunk, whose place in the index is the greatest: the library does not check that the index is as
  /// large as the dataspace claims.
  private func lookUpLastChunk(of dataset: Dataset) throws {
    let shape = try dataset.shape
    guard let chunk = dataset.chunkShape, chunk.count == shape.count, !shape.contains(0),
      chunk.allSatisfy({ $0 > 0 })
    else { return }
    let last = zip(shape, chunk).map { hsize_t(($0 - 1) / $1 * $1) }
    attempt {
      var size: hsize_t = 0
      try dataset.handle.place.check("cannot look up its last chunk") {
        H5Dget_chunk_storage_size(dataset.handle.id, last, &size)
      }
    }
  }

  private func attempt(_ body: () throws -> Void) {
    do { try body() } catch let error as HDF5Error {
      if error.kind == .tooLarge, error.cause == HDF5Error.notEnoughMemory { isOutOfMemory = true }
    } catch {}
  }
}
