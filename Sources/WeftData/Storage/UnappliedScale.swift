import HDF5
import WeftBase

/// What a file says of the scale of numbers in ways that programs do not agree on, and that is therefore not applied: the
/// numbers that are read are those stored.
///
/// `Offset` alone is added before the factor by some and after it by others, and subtracted by a few (MODIS). Only the
/// conventions of NetCDF and NWB (``PackedValues``) say which.
package enum UnappliedScale {
  private static let factors: Set<String> = [
    "scale", "scalefactor", "scalingfactor", "gain", "slope", "conversion", "conversionfactor", "multiplier",
  ]
  private static let offsets: Set<String> = ["offset", "addoffset", "intercept", "scalingoffset"]
  private static let marks: Set<String> = [
    "missingvalue", "missing", "fillvalue", "nodata", "undetect", "errordn", "badvalue",
  ]
  /// Ranges of EDF, of digital numbers and of what they mean.
  private static let ranges: Set<String> = ["physicalmin", "physicalmax", "digitalmin", "digitalmax"]

  /// A note on the dataset, to follow its path; nil if nothing says that its numbers are not what they mean.
  ///
  /// - Throws: If the attributes cannot be read.
  package static func note(of dataset: Dataset) throws -> String? {
    guard dataset.datatype.isNumeric else { return nil }
    var found = try parts(dataset.attributes)
    let parent = try dataset.parent
    if try parent.isGroup("what") {
      // Weather radars (ODIM_H5) keep the scale in a group beside the numbers.
      found += try parts(parent.group("what").attributes).map { "what/\($0)" }
    }
    if try parent.contains("channel_conversion") {
      found.append("channel_conversion (a factor of each channel)")
    }
    if found.isEmpty, let channel = try nanoporeChannel(parent) { found = [channel] }
    guard !found.isEmpty else { return nil }
    return
      "\(found.joined(separator: ", ")) \(found.count == 1 ? "is" : "are") not applied; the attributes scale_factor,"
      + " add_offset and _FillValue of netCDF would be"
  }

  private static func parts(_ attributes: Attributes) throws -> [String] {
    let names = try attributes.names
    // NWB and NetCDF, which are applied.
    let isNWB = try PackedValues.areOfNWB(attributes)
    let known = try PackedValues.missingNumbers(attributes)
    return names.compactMap { name -> String? in
      if PackedValues.attributeNames.contains(name), name != "conversion", name != "offset" { return nil }
      if isNWB, name == "conversion" || name == "offset" { return nil }
      let plain = name.lowercased().filter { $0.isLetter }
      guard factors.union(offsets).union(marks).union(ranges).contains(plain),
        let values = try? attributes.values(name, as: Double.self), let value = values.first
      else { return nil }
      if factors.contains(plain), values.allSatisfy({ $0 == 1 }) { return nil }
      if offsets.contains(plain), values.allSatisfy({ $0 == 0 }) { return nil }
      if marks.contains(plain), values.allSatisfy({ $0.isNaN || known.contains($0) }) { return nil }
      return "\(name)" + (values.count == 1 ? " \(NumberText.significant(value, digits: 6))" : "")
    }
  }

  /// What nanopore reads (FAST5) are scaled by, which is in a group of each read.
  private static func nanoporeChannel(_ parent: Group) throws -> String? {
    let path = parent.path.split(separator: "/").dropLast().map(String.init)
    for channel in ["/" + (path + ["channel_id"]).joined(separator: "/"), "/UniqueGlobalKey/channel_id"]
    where try parent.isGroup(channel) {
      let attributes = try parent.group(channel).attributes
      if try attributes.contains("digitisation") { return "channel_id (offset, range, digitisation)" }
    }
    return nil
  }
}

extension Group {
  fileprivate func isGroup(_ name: String) throws -> Bool {
    try contains(name) && (try? group(name)) != nil
  }
}
