import HDF5
import Media
import Weft

/// Where a file keeps how its features were computed: attributes of `/features`, whose `kind` says what they are of.
private let featuresPath = "features"

extension LogMelSettings {
  private static let kind = "log-mel"

  /// Writes the settings to `/features`.
  package func write(to file: File) throws {
    let attributes = try file.createGroup(featuresPath).attributes
    try attributes.set("kind", to: Self.kind)
    try attributes.set("sampling_rate", to: Int64(rate))
    try attributes.set("window_length", to: Int64(windowLength))
    try attributes.set("hop_length", to: Int64(hopLength))
    try attributes.set("bands", to: Int64(bands))
    try attributes.set("scale", to: scale.rawValue)
    try attributes.set("low_frequency", to: lowFrequency)
    try attributes.set("high_frequency", to: highFrequency)
    try attributes.set("pre_emphasis", to: preEmphasis)
    try attributes.set("floor", to: floor)
  }

  /// Reads the settings that a dataset was made with; nil if it does not hold features of sound.
  ///
  /// - Throws: If they are damaged, or out of their ranges.
  package init?(in file: File) throws {
    guard let attributes = try featureAttributes(in: file, kind: Self.kind) else { return nil }
    self.init(rate: try attributes.value("sampling_rate"), bands: try attributes.value("bands"))
    windowLength = try attributes.value("window_length")
    hopLength = try attributes.value("hop_length")
    scale = try attributes.choice("scale", in: file)
    lowFrequency = try attributes.value("low_frequency")
    highFrequency = try attributes.value("high_frequency")
    preEmphasis = try attributes.value("pre_emphasis")
    floor = try attributes.value("floor")
    do { try validate() } catch {
      throw WeftError.failure("\(file.path): group /\(featuresPath): \(error.reason)")
    }
  }
}

extension PatchGrid {
  private static let kind = "image-patches"

  /// Writes the settings to `/features`.
  package func write(to file: File) throws {
    let attributes = try file.createGroup(featuresPath).attributes
    try attributes.set("kind", to: Self.kind)
    try attributes.set("height", to: Int64(height))
    try attributes.set("width", to: Int64(width))
    try attributes.set("patch", to: Int64(patch))
    try attributes.set("features", to: features.rawValue)
    try attributes.set("background", to: background)
  }

  /// Reads the settings that a dataset was made with; nil if it does not hold features of images.
  ///
  /// - Throws: If they are damaged, or out of their ranges.
  package init?(in file: File) throws {
    guard let attributes = try featureAttributes(in: file, kind: Self.kind) else { return nil }
    let (height, width, patch): (Int, Int, Int) = (
      try attributes.value("height"), try attributes.value("width"), try attributes.value("patch")
    )
    let features: Features = try attributes.choice("features", in: file)
    let background = try attributes.values("background", as: Float.self)
    do {
      try self.init(height: height, width: width, patch: patch, features: features, background: background)
    } catch let error as MediaError {
      throw WeftError.failure("\(file.path): group /\(featuresPath): \(error.reason)")
    }
  }
}

/// The attributes of `/features`, if it is there and of the kind wanted.
private func featureAttributes(in file: File, kind: String) throws -> Attributes? {
  guard try file.contains(featuresPath) else { return nil }
  let attributes = try file.group(featuresPath).attributes
  return try attributes.value("kind", as: String.self) == kind ? attributes : nil
}

extension Attributes {
  /// An attribute that names one of a few things.
  fileprivate func choice<Choice: RawRepresentable<String>>(_ name: String, in file: File) throws -> Choice {
    let text = try value(name, as: String.self)
    guard let choice = Choice(rawValue: text) else {
      throw WeftError.failure("\(file.path): group /\(featuresPath): attribute '\(name)' is '\(text)'")
    }
    return choice
  }
}
