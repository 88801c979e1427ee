import CHDF5

/// A group of datasets and further groups.
public struct Group: Sendable, Container {
  let handle: ObjectHandle

  init(_ handle: ObjectHandle) {
    self.handle = handle
  }

  /// The path from the file's root.
  public var path: String { handle.path }

  /// The last part of the path; `/` for the root group.
  public var name: String {
    handle.path.split(separator: "/").last.map(String.init) ?? "/"
  }

  /// The group itself.
  public var baseGroup: Group { self }
}

extension Container {
  /// Opens a group.
  ///
  /// - Throws: `notFound`, `wrongType` if the name is taken by another kind of object.
  public func group(_ name: String) throws(HDF5Error) -> Group {
    let parent = baseGroup.handle
    let path = parent.absolutePath(of: name)
    let place = parent.place.naming("group \(path)")
    let identifier = try explainingAbsence(of: name, at: place) { () throws(HDF5Error) in
      try place.identifier("cannot open", in: parent.file) {
        H5Gopen2(parent.id, name, chdf5_default())
      }
    }
    return Group(ObjectHandle(identifier: identifier, file: parent.file, path: path, kind: "group"))
  }

  /// Opens a dataset.
  ///
  /// - Parameters:
  ///   - name: its path.
  ///   - chunkCache: the chunk cache; nil for one that has room for a chunk.
  /// - Throws: `notFound`, `wrongType` if the name is taken by another kind of object.
  public func dataset(_ name: String, chunkCache: ChunkCache? = nil) throws(HDF5Error) -> Dataset {
    if let chunkCache { return try open(name, chunkCache) }
    var dataset: Dataset? = try open(name, nil)
    let suitable = dataset?.suitableChunkCache
    if suitable == nil, let dataset { return dataset }
    // The cache size is set while no handle is open.
    dataset = nil
    return try open(name, suitable)
  }

  private func open(_ name: String, _ chunkCache: ChunkCache?) throws(HDF5Error) -> Dataset {
    let parent = baseGroup.handle
    let path = parent.absolutePath(of: name)
    let place = parent.place.naming("dataset \(path)")
    let access = try place.identifier("cannot prepare to open") { H5Pcreate(chdf5_dataset_access()) }
    if let chunkCache {
      guard chunkCache.slots > 0, chunkCache.rawChunkCacheBytes >= 0 else {
        throw place.error(.invalidArgument, "cannot open", "a chunk cache cannot have a negative size")
      }
      // Completely read chunks are evicted first, because data is read once per epoch.
      let preferenceForFullyRead = 1.0
      try place.check("cannot set the chunk cache") {
        H5Pset_chunk_cache(
          access.value, chunkCache.slots, chunkCache.rawChunkCacheBytes, preferenceForFullyRead)
      }
    }
    let identifier = try explainingAbsence(of: name, at: place) { () throws(HDF5Error) in
      try place.identifier("cannot open", in: parent.file) { H5Dopen2(parent.id, name, access.value) }
    }
    return try Dataset(
      ObjectHandle(identifier: identifier, file: parent.file, path: path, kind: "dataset"))
  }

  /// Whether an object of that name exists; dangling links do not count.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    try baseGroup.firstMissing(of: name) == nil
  }

  /// Why nothing can be opened under a name, to follow the name of the file: the link that leads nowhere, or what is
  /// missing.
  ///
  /// - Parameter kind: What was looked for, such as `dataset`.
  public func absence(of name: String, kind: String) -> String {
    (try? baseGroup.danglingLink(in: name)) ?? "no \(kind) '\(name)'"
  }

  /// The library only reports that a component is missing; this finds its name.
  private func explainingAbsence<Result>(
    of name: String, at place: Place, _ body: () throws(HDF5Error) -> Result
  ) throws(HDF5Error) -> Result {
    do {
      return try body()
    } catch {
      guard error.kind == .notFound || error.kind == .other,
        let missing = try? baseGroup.firstMissing(of: name)
      else { throw error }
      let link = try? baseGroup.danglingLink(in: name)
      throw place.error(.notFound, error.attempt, link ?? "object '\(missing)' doesn't exist")
    }
  }
}

extension Group {
  /// The shortest missing prefix of a path; nil if the path exists.
  func firstMissing(of name: String) throws(HDF5Error) -> String? {
    var prefix = name.hasPrefix("/") ? "/" : ""
    for part in name.split(separator: "/") {
      prefix += part
      let exists = try handle.place.check("cannot look up '\(name)'") {
        // Both calls fail below something that is not a group, where nothing can exist.
        H5Lexists(handle.id, prefix, chdf5_default()) > 0
          && H5Oexists_by_name(handle.id, prefix, chdf5_default()) > 0 ? 1 : 0
      }
      if exists == 0 { return String(part) }
      prefix += "/"
    }
    return nil
  }

  /// What a path says of the link in it that leads nowhere; nil if there is none.
  func danglingLink(in name: String) throws(HDF5Error) -> String? {
    var prefix = name.hasPrefix("/") ? "/" : ""
    for part in name.split(separator: "/") {
      prefix += part
      let isLinked = try handle.place.check("cannot look up '\(name)'") {
        H5Lexists(handle.id, prefix, chdf5_default()) > 0 ? 1 : 0
      }
      if isLinked == 0 { return nil }
      let leadsNowhere = try handle.place.check("cannot look up '\(name)'") {
        H5Oexists_by_name(handle.id, prefix, chdf5_default()) > 0 ? 0 : 1
      }
      if leadsNowhere == 1 {
        switch try child(prefix).link {
        case .soft(let target): return "'\(prefix)' is a link to '\(target)', which does not exist"
        case .external(let file, let target):
          return
            "'\(prefix)' is a link to '\(target)' in the file '\(file)', which is missing or has no such object"
        case .hard, .userDefined: return nil
        }
      }
      prefix += "/"
    }
    return nil
  }
}
