import CHDF5

extension Dataset {
  /// Attaches another dataset as the scale of a dimension: its values are the coordinates of the indices, such as
  /// times. h5py shows it as `dims[dimension][0]`. Source: HDF5 Dimension Scale Specification 1.0.4.
  ///
  /// - Throws: `wrongRank` for a missing dimension, `readOnly`, …
  public func attach(scale: Dataset, dimension: Int) throws(HDF5Error) {
    let attempt = "cannot give dimension \(dimension) a scale"
    guard try shape.indices.contains(dimension) else {
      throw handle.place.error(.wrongRank, attempt, "it has \(try shape.count) dimensions")
    }
    try handle.place.check(attempt) { () -> herr_t in
      if H5DSis_scale(scale.handle.id) == 0, H5DSset_scale(scale.handle.id, scale.name) < 0 { return -1 }
      return H5DSattach_scale(handle.id, scale.handle.id, UInt32(dimension))
    }
  }

  /// The paths of a dimension's scales.
  ///
  /// - Throws: any damage found.
  public func scales(dimension: Int) throws(HDF5Error) -> [String] {
    let list = NameList()
    try handle.place.check("cannot list its scales") {
      H5DSiterate_scales(
        handle.id, UInt32(dimension), nil,
        { _, _, scale, context in
          var name = [CChar](repeating: 0, count: 4096)
          if H5Iget_name(scale, &name, name.count) > 0 { NameList.append(name, context) }
          return 0
        }, list.context)
    }
    return try list.names(of: "scale", at: handle.place)
  }

  /// The attribute in which the library lists the scales of each dimension.
  private static let scalesAttribute = "DIMENSION_LIST"

  /// The name of each dimension, by its label or its scale, as netCDF and xarray have them; empty where there is none.
  ///
  /// Names that cannot be read are none.
  ///
  /// - Throws: if the shape cannot be read.
  public var dimensionNames: [String] {
    get throws(HDF5Error) {
      let rank = try shape.count
      var names = (try? dimensionLabels) ?? []
      if names.count != rank { names = [String](repeating: "", count: rank) }
      guard rank > 0, names.contains(""), (try? hasScales(rank: rank)) == true else { return names }
      for dimension in names.indices where names[dimension].isEmpty {
        let scale = (try? scales(dimension: dimension))?.first ?? ""
        names[dimension] = scale.split(separator: "/").last.map(String.init) ?? ""
      }
      return names
    }
  }

  /// Whether there is a list of scales for each dimension. The library reads as many as there are dimensions, however many
  /// the attribute has.
  private func hasScales(rank: Int) throws(HDF5Error) -> Bool {
    guard try attributes.contains(Self.scalesAttribute) else { return false }
    return try attributes.all.contains { attribute in
      guard attribute.name == Self.scalesAttribute, case .sequence(of: .reference) = attribute.datatype else {
        return false
      }
      return attribute.dataspace.elementCount == rank
    }
  }
}
