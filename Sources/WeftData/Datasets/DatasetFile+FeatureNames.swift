import HDF5
import WeftBase

extension DatasetFile {
  /// The features of the training split's inputs, as the first file that has it names them; empty if it names none.
  ///
  /// - Throws: If other files have them in another order.
  func namedFeatures() throws(WeftError) -> [NamedFeature] {
    guard contains(split: data.split.train) else { return [] }
    var first: (path: String, features: [NamedFeature])?
    for part in try splits(data.split.train) {
      let file = files[part.file]
      let features: [NamedFeature]
      do { features = try Self.features(of: part.split, in: file) } catch {
        throw WeftError(error, in: file.path)
      }
      guard let first else {
        first = (file.path, features)
        continue
      }
      let difference = features.difference(
        from: first.features, translated: Set(data.categories), other: "\(first.path) has")
      if let difference { throw .data("\(file.path): \(difference)") }
    }
    return first?.features ?? []
  }

  private static func features(of split: Split, in file: File) throws -> [NamedFeature] {
    let readers = split.inputs.parts + (split.covariates?.parts ?? [])
    let names = try readers.map { reader -> [String] in
      let names = try reader.dataset.featureNames()
      return names.count == reader.width ? names : []
    }
    let count = names.reduce(0) { $0 + $1.count }
    guard names.allSatisfy({ !$0.isEmpty }), count <= NamedFeature.maximumCount else { return [] }
    return try names.flatMap(\.self).map { name in
      NamedFeature(name: name, categories: try DatasetFinder.categoryNames(name, in: file.root))
    }
  }

  /// The columns of the training split's targets, which are its inputs if it has none, as the first file that has it names
  /// them; empty if it names none, or if targets are classes.
  ///
  /// - Throws: If other files have them in another order.
  func namedTargets() throws(WeftError) -> [String] {
    guard contains(split: data.split.train) else { return [] }
    var first: (path: String, names: [NamedFeature])?
    for part in try splits(data.split.train) {
      let readers = part.split.targets.map { [$0] } ?? part.split.inputs.parts
      var (names, width) = ([NamedFeature](), 0)
      for reader in readers {
        guard case .features(let own) = reader.content else { return [] }
        width += own
        names += try reader.featureNames().map { NamedFeature(name: $0) }
      }
      let path = files[part.file].path
      if names.count != width || width > NamedFeature.maximumCount { names = [] }
      guard let first else {
        first = (path, names)
        continue
      }
      let difference = names.difference(
        from: first.names, translated: [], noun: "targets", other: "\(first.path) has")
      if let difference { throw .data("\(path): \(difference)") }
    }
    return first?.names.map(\.name) ?? []
  }
}
