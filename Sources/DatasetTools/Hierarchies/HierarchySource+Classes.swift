import HDF5
import WeftBase

/// The names that targets stand for.
extension HierarchySource {
  /// Names by which targets are numbered.
  struct Classes {
    /// Texts of the targets.
    var texts: Set<String> = []
    /// Names of enumerations, in the order of their values.
    var members: [String] = []

    /// Adds the names of an enumeration that are new.
    mutating func add(_ members: [Datatype.EnumerationMember]) {
      let own = members.sorted { $0.value < $1.value }.map(\.name)
      self.members += own.filter { !self.members.contains($0) }
    }
  }

  /// The classes of the targets; nil if they are numbers.
  func classNames() throws -> Classes? {
    var names: [String?] = [nil]
    var cells: [Dataset]?
    // The columns of pandas that are read are numbers.
    if try pandasFrame() != nil { return nil }
    switch try organization() {
    case .records(let dataset): return try fieldClasses(of: dataset)
    case .named(let own): names = own
    case .cells:
      // Texts of all sequences together are found as those of any dataset.
      if let pattern = options.targets, try file.contains(pattern) {
        let dataset = try forms.dataset(pattern)
        if dataset.datatype == .reference, try objects.texts(of: dataset) == nil {
          cells = try objects.cells(of: dataset)
        }
      }
    default: break
    }
    var found = Classes()
    guard let pattern = options.targets else { return nil }
    if let cells {
      for cell in cells {
        guard let texts = try objects.texts(of: cell) else { return nil }
        found.texts.formUnion(texts)
      }
      return found
    }
    if !pattern.contains("{}") { names = [nil] }
    for name in names {
      let place = Place(pattern, name: name)
      if let attribute = place.attribute {
        let attributes = try attributes(of: place.path)
        if let members = try attributes.members(of: attribute) {
          found.add(members)
        } else if let texts = try? attributes.values(attribute, as: String.self) {
          found.texts.formUnion(texts)
        } else {
          return nil
        }
        continue
      }
      let dataset = try forms.dataset(place.path)
      if let texts = try objects.texts(of: dataset) {
        found.texts.formUnion(texts)
        continue
      }
      switch dataset.datatype {
      case .string, .fixedString: found.texts.formUnion(try dataset.read(as: String.self))
      // Rows of them are labels that do not exclude each other.
      case .bool where try dataset.shape.count > 1: return nil
      case .enumeration(_, let members): found.add(members)
      default: return nil
      }
    }
    return found
  }

  private func fieldClasses(of dataset: Dataset) throws -> Classes? {
    guard let field = options.targetField else { return nil }
    switch dataset.fieldType(field) {
    case .string, .fixedString:
      return Classes(
        texts: Set(try dataset.readTextField(field, offset: [0], count: [try dataset.shape.first ?? 0])))
    case .enumeration(_, let members):
      return Classes(members: members.sorted { $0.value < $1.value }.map(\.name))
    default: return nil
    }
  }
}
