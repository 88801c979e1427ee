import HDF5
import WeftBase
import WeftData

/// What the columns of a file's datasets are, and its times, as far as attributes tell.
struct ColumnMeanings {
  private struct Meaning {
    let place: String
    let features: [String]
    /// The attributes that say what times are.
    let units: [String?]
    /// The attributes of other numbers that say what they measure or stand for, where there are any.
    let conventions: [String: String]
  }

  private let file: String
  private var meanings: [String: Meaning] = [:]

  /// - Parameter groups: The groups of the file, of which the first with a dataset tells.
  init(_ groups: [SequenceGroup]) throws {
    file = groups.first?.file.path ?? ""
    for member in groups.flatMap(\.members) where meanings[member.name] == nil && member.rows != .offsets {
      let attributes = member.dataset.attributes
      let units = ["units", TimeScale.zoneAttribute].map { try? attributes.value($0, as: String.self) }
      meanings[member.name] = Meaning(
        place: member.dataset.path, features: try member.dataset.featureNames(),
        units: member.name == "time" ? units : [],
        conventions: member.name == "time" ? [:] : try Self.conventions(of: attributes))
    }
  }

  /// - Throws: If features have other names or another order than in a file, or times are others.
  func check(as first: ColumnMeanings) throws(WeftError) {
    for (name, own) in meanings.sorted(by: { $0.key < $1.key }) {
      guard let other = first.meanings[name] else { continue }
      let difference = own.features.map { NamedFeature(name: $0) }.difference(
        from: other.features.map { NamedFeature(name: $0) }, translated: [], other: "\(first.file) has")
      if let difference {
        throw .data(
          "\(file): dataset \(own.place): \(difference); convert both with the same columns in the same order"
        )
      }
      for (attribute, text) in own.conventions.sorted(by: { $0.key < $1.key }) {
        if let before = other.conventions[attribute], before != text {
          throw .data(
            "\(file): dataset \(own.place): its attribute '\(attribute)' is '\(text)', but that of \(first.file) is"
              + " '\(before)'; convert the numbers of one of them")
        }
      }
      if own.units != other.units {
        func text(_ meaning: Meaning) -> String {
          let units = meaning.units.compactMap(\.self)
          return units.isEmpty ? "plain numbers" : units.joined(separator: ", ")
        }
        throw .data(
          "\(file): dataset \(own.place): its times are \(text(own)), but those of \(first.file) \(text(other))"
        )
      }
    }
  }

  private static func conventions(of attributes: Attributes) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in ["units", "flag_meanings"] where try attributes.contains(name) {
      found[name] = try? attributes.value(name, as: String.self)
    }
    if try attributes.contains("flag_values"),
      let values = try? attributes.values("flag_values", as: Int64.self)
    {
      found["flag_values"] = values.map(String.init).joined(separator: ", ")
    }
    return found
  }
}
