import HDF5
import WeftBase
import WeftData

/// How a dataset is written that has the rows of one or several.
enum MemberForm {
  /// As texts.
  case texts
  /// As the same numbers, in a type that holds all of them.
  case numbers(ElementKind)
  /// As what the numbers mean by the conventions of NetCDF, with NaN for missing ones.
  case unpacked(ElementKind)
  /// Names of an enumeration as their numbers among these, which are `/classes`.
  case classes([String])
  /// Values of an enumeration, which all have, as numbers with their names in attributes of the CF conventions.
  case flags(ElementKind, [Datatype.EnumerationMember])

  /// The form of one dataset that is written for itself.
  ///
  /// - Throws: If it contains neither texts nor numbers.
  init(_ dataset: Dataset, name: String) throws {
    self = try MemberForm([dataset], name: name, kind: nil)
  }

  /// - Parameters:
  ///   - datasets: At least one.
  ///   - name: The name that they have in their groups.
  ///   - kind: The type of numbers to write; nil for one that holds all.
  /// - Throws: If their values have nothing in common.
  fileprivate init(_ datasets: [Dataset], name: String, kind: ElementKind?) throws {
    func differ(_ other: Dataset) -> WeftError {
      .data(
        "\(other.file): dataset \(other.path): has type \(other.datatype), but that of \(datasets[0].file)"
          + " \(datasets[0].path) has \(datasets[0].datatype), so that they cannot be one; convert one of them"
      )
    }
    let first = datasets[0]
    if first.datatype.isString {
      if let other = datasets.first(where: { !$0.datatype.isString }) { throw differ(other) }
      self = .texts
      return
    }
    if let members = first.datatype.namedValues {
      if let other = datasets.first(where: { $0.datatype.namedValues == nil }) { throw differ(other) }
      if name == "targets" {
        self = .classes(EnumerationNames(datasets).names)
        return
      }
      if let other = datasets.first(where: { $0.datatype.namedValues != members }) { throw differ(other) }
      self = .flags(first.datatype.elementKind ?? .int64, members)
      return
    }
    var common: ElementKind?
    for dataset in datasets {
      guard let own = dataset.datatype.elementKind else {
        if dataset.datatype.isNumeric || dataset.datatype.isString || datasets.count > 1 {
          throw differ(dataset)
        }
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): has type \(dataset.datatype), which is not copied")
      }
      if dataset.datatype.namedValues != nil { throw differ(dataset) }
      common = common?.common(with: own) ?? own
    }
    let own = common ?? .float64
    // Tokens are what they are.
    let packings = try name == "tokens" ? [] : datasets.map { try PackedValues(of: $0, in: $0.file) }
    let isKept =
      packings.allSatisfy { $0 == packings.first ?? nil }
      && ((packings.first ?? nil) == nil
        || kind == nil && datasets.allSatisfy { $0.datatype.elementKind == own })
    if isKept {
      self = .numbers(kind ?? own)
    } else {
      let isPrecise = datasets.contains { $0.datatype.exceedsSinglePrecision }
      self = .unpacked(kind ?? (isPrecise ? .float64 : .float32))
    }
  }
}

/// How the datasets of some groups are written as one, by their names in the groups.
struct JoinedTypes {
  private var forms: [String: MemberForm] = [:]
  /// The names of classes that were an enumeration; nil for none.
  private(set) var classes: [String]?
  /// What is not written as it is, in words.
  private(set) var notes: [String] = []

  /// - Parameters:
  ///   - groups: The groups, whose members of the same name are written as one.
  ///   - targets: Groups whose enumerated targets have the same classes, if they are more.
  ///   - kind: The type of the numbers of a member; nil for one that holds all.
  /// - Throws: If they have nothing in common.
  init(
    _ groups: [SequenceGroup], classesOf others: [SequenceGroup] = [],
    kind: (SequenceGroup.Member) -> ElementKind? = { _ in nil }
  ) throws {
    var datasets: [String: [Dataset]] = [:]
    var kinds: [String: ElementKind] = [:]
    for member in groups.flatMap(\.members) where member.rows != .offsets {
      datasets[member.name, default: []].append(member.dataset)
      if let kind = kind(member) { kinds[member.name] = kind }
    }
    for (name, own) in datasets.sorted(by: { $0.key < $1.key }) {
      var form = try MemberForm(own, name: name, kind: kinds[name])
      if case .classes(let names) = form {
        let all = others.flatMap(\.members).filter { $0.name == name }.map(\.dataset)
        let classes = try EnumerationNames(all.isEmpty ? own : all).checked()
        form = .classes(classes)
        self.classes = classes
        if classes != names || own.contains(where: { $0.datatype != own[0].datatype }) {
          notes.append("\(name): classes are numbered by their names in /classes")
        }
      }
      let types = own.map(\.datatype.description).reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      }
      switch form {
      case .numbers(let kind) where types.count > 1:
        notes.append("\(name): \(types.joined(separator: " and ")) become \(kind.rawValue)")
      case .unpacked(let kind):
        notes.append(
          "\(name): scaled and with NaN for missing values, by the attributes of each, as \(kind.rawValue)")
      default: break
      }
      forms[name] = form
    }
  }

  /// The form of a member.
  subscript(name: String) -> MemberForm { forms[name] ?? .texts }

  /// Writes the names of enumerated targets, unless the file has them.
  func writeClasses(to file: File) throws {
    guard let classes, try !file.contains("classes") else { return }
    try file.write("classes", classes)
  }
}

/// The names of enumerations that are classes.
struct EnumerationNames {
  let datasets: [Dataset]
  /// Names in the order of the values of the first enumeration, and after them those that others add.
  let names: [String]

  init(_ datasets: [Dataset]) {
    self.datasets = datasets
    var names: [String] = []
    for dataset in datasets {
      for member in dataset.datatype.namedValues ?? [] where !names.contains(member.name) {
        names.append(member.name)
      }
    }
    self.names = names
  }

  /// The names, which are `/classes` where a file has them.
  ///
  /// - Throws: If a file's `/classes` are others.
  func checked() throws -> [String] {
    for dataset in datasets {
      let file = try File(opening: dataset.file)
      guard try file.contains("classes") else { continue }
      let own = try file.dataset("classes").read(as: String.self)
      guard own == names else {
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): its values are \(names.joined(separator: ", ")), but /classes"
            + " are \(own.joined(separator: ", ")); delete one of them")
      }
    }
    return names
  }
}

extension Datatype {
  /// The names of an enumeration in the order of their values; nil for other types and truth values.
  var namedValues: [EnumerationMember]? {
    guard self != .bool, case .enumeration(_, let members) = self else { return nil }
    return members.sorted { $0.value < $1.value }
  }
}

extension PackedValues {
  /// The conventions of a dataset, with its file in errors.
  init?(of dataset: Dataset, in file: String) throws {
    do { try self.init(of: dataset) } catch let error as WeftError {
      throw WeftError.data("\(file): \(error.message)")
    }
  }
}
