import Foundation
import WeftBase
import WeftData
import WeftTasks
import WeftText
import WeftTraining

/// Metadata of a network as texts by name, which every format can store.
///
/// `weft_version`; `weft_configuration`, YAML; `weft_vocabulary` and `weft_target_vocabulary`, JSON with `tokens`,
/// `unit`, `lowercase` and, of subwords, `model` in base 64; `weft_classes`, a JSON list; `weft_scaling`, JSON with the
/// means and standard deviations of the scaling; `weft_preparation`; `weft_step`.
package struct NetworkMetadata: Sendable, Equatable {
  package private(set) var entries: [String: String]

  /// Metadata of a file; other entries are ignored, but for classes in the ways of other programs.
  package init(_ entries: [String: String] = [:]) {
    self.entries = entries.filter { $0.key.hasPrefix(Self.prefix) }
    guard !isOwn, let classes = ForeignClasses.names(in: entries) else { return }
    self.entries["weft_classes"] = Self.json(classes)
  }

  /// Whether Weft wrote the file.
  var isOwn: Bool { entries["weft_version"] != nil }

  /// Forgets the names of classes, which are not those of the outputs.
  mutating func removeClasses() { entries["weft_classes"] = nil }

  /// Metadata of a checkpoint.
  package init(_ checkpoint: Checkpoint) {
    entries = [
      "weft_version": weftVersion, "weft_configuration": checkpoint.configuration.yaml,
      "weft_step": String(checkpoint.state.step),
    ]
    entries["weft_preparation"] = checkpoint.preparation
    entries["weft_vocabulary"] = checkpoint.vocabularies.inputs.map { Self.json(StoredVocabulary($0)) }
    entries["weft_target_vocabulary"] = checkpoint.vocabularies.targets.map {
      Self.json(StoredVocabulary($0))
    }
    if !checkpoint.traits.classes.isEmpty { entries["weft_classes"] = Self.json(checkpoint.traits.classes) }
    let scaling = checkpoint.traits.scaling
    if scaling != Scaling() { entries["weft_scaling"] = Self.json(StoredScaling(scaling)) }
  }

  /// The vocabulary of the inputs, of a file of another program.
  var vocabulary: Vocabulary? {
    get { (try? vocabularies(file: "")).flatMap(\.inputs) }
    set { entries["weft_vocabulary"] = newValue.map { Self.json(StoredVocabulary($0)) } }
  }

  package static let prefix = "weft_"

  /// The configuration of training; nil if unknown.
  package func configuration(file: String) throws(WeftError) -> Configuration? {
    guard let yaml = entries["weft_configuration"] else { return nil }
    return try Configuration(yaml: yaml, name: "\(file): weft_configuration")
  }

  package func vocabularies(file: String) throws(WeftError) -> Vocabularies {
    func vocabulary(_ name: String) throws(WeftError) -> Vocabulary? {
      guard let stored: StoredVocabulary = try decode(name, file: file) else { return nil }
      do { return try stored.vocabulary() } catch { throw .model("\(file): \(name): \(error.message)") }
    }
    return Vocabularies(
      inputs: try vocabulary("weft_vocabulary"), targets: try vocabulary("weft_target_vocabulary"))
  }

  package func traits(file: String) throws(WeftError) -> DataTraits {
    var traits = DataTraits()
    traits.classes = try decode("weft_classes", file: file) ?? []
    if let stored: StoredScaling = try decode("weft_scaling", file: file) {
      traits.scaling = try stored.scaling(file: file)
    }
    return traits
  }

  package var preparation: String? { entries["weft_preparation"] }

  private static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(value) else {
      preconditionFailure("texts and numbers can be encoded")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func decode<Value: Decodable>(_ name: String, file: String) throws(WeftError) -> Value? {
    guard let text = entries[name] else { return nil }
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
      throw .model("\(file): \(name): is not JSON written by Weft")
    }
  }
}

private struct StoredVocabulary: Codable {
  var tokens: [String]
  var unit: String
  var lowercase: Bool
  var model: Data?

  init(_ vocabulary: Vocabulary) {
    tokens = vocabulary.tokens
    unit = vocabulary.unit.rawValue
    lowercase = vocabulary.isLowercase
    model = vocabulary.subwords.map { Data($0.bytes) }
  }

  func vocabulary() throws(WeftError) -> Vocabulary {
    if let model {
      return try Vocabulary(subwords: SubwordModel(bytes: [UInt8](model)), isLowercase: lowercase)
    }
    guard let unit = Vocabulary.Unit(rawValue: unit) else {
      throw .model("unknown unit '\(unit)'; expected character, word or subword")
    }
    return try Vocabulary(tokens: tokens, unit: unit, isLowercase: lowercase)
  }
}

private struct StoredScaling: Codable {
  struct Scale: Codable {
    var means: [Float]
    var deviations: [Float]
    /// What the means lack in single precision; nil for nothing.
    var remainders: [Float]?

    init?(_ scale: FeatureScale?) {
      guard let scale else { return nil }
      means = scale.means
      deviations = scale.standardDeviations
      remainders = scale.remainders.allSatisfy { $0 == 0 } ? nil : scale.remainders
    }
  }

  var inputs: Scale?
  var targets: Scale?
  var covariates: Scale?
  var statics: Scale?

  init(_ scaling: Scaling) {
    statics = Scale(scaling.statics)
    covariates = Scale(scaling.covariates)
    inputs = Scale(scaling.inputs)
    targets = Scale(scaling.targets)
  }

  func scaling(file: String) throws(WeftError) -> Scaling {
    func scale(_ scale: Scale?) throws(WeftError) -> FeatureScale? {
      guard let scale else { return nil }
      let remainders = scale.remainders ?? [Float](repeating: 0, count: scale.means.count)
      guard scale.means.count == scale.deviations.count, remainders.count == scale.means.count else {
        throw .model(
          "\(file): weft_scaling: has \(scale.means.count) means and"
            + " \(scale.deviations.count) standard standard deviations")
      }
      return FeatureScale(
        offsets: zip(scale.means, remainders).map { Double($0) + Double($1) },
        standardDeviations: scale.deviations)
    }
    var scaling = Scaling(inputs: try scale(inputs), targets: try scale(targets))
    scaling.covariates = try scale(covariates)
    scaling.statics = try scale(statics)
    return scaling
  }
}
