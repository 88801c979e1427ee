/// Description of an attribute for display.
public struct Attribute: Sendable, Hashable {
  /// The attribute's name.
  public let name: String
  /// The type of its values.
  public let datatype: Datatype
  /// Shape of the values.
  public let dataspace: Dataspace
  /// The leading values as short text: `3`, `[1.5, 2.5]`, `"kelvin"`; for other types the type in angle brackets.
  public let text: String
}

extension Attributes {
  /// Describes all attributes, in the order of their names.
  ///
  /// - Throws: any damage found.
  public var all: [Attribute] {
    get throws(HDF5Error) {
      var attributes: [Attribute] = []
      for name in try names { attributes.append(try describe(name)) }
      return attributes
    }
  }

  /// The type of an attribute's values.
  ///
  /// - Throws: `notFound`, and any damage found.
  public func datatype(of name: String) throws(HDF5Error) -> Datatype { try open(name).datatype }

  func describe(_ name: String) throws(HDF5Error) -> Attribute {
    let attribute = try open(name)
    return Attribute(
      name: name, datatype: attribute.datatype, dataspace: attribute.dataspace, text: try attribute.text())
  }
}

extension OpenAttribute {
  /// Limits of displayed values and text.
  private static let maximumCount = 8
  private static let maximumLength = 80

  fileprivate func text() throws(HDF5Error) -> String {
    if dataspace.isNull { return "null" }
    guard let values = try valueTexts() else { return "<\(datatype)>" }
    if dataspace.shape.isEmpty { return values.first ?? "" }
    let shown = values.prefix(Self.maximumCount) + (values.count > Self.maximumCount ? ["…"] : [])
    return "[\(shown.joined(separator: ", "))]"
  }

  private func valueTexts() throws(HDF5Error) -> [String]? {
    switch datatype {
    case .string, .fixedString:
      return try strings().map { Self.quoted($0) }
    case .bool:
      return try numbers(as: Bool.self).map { "\($0)" }
    case .enumeration(_, let members):
      let names = Dictionary(members.map { ($0.value, $0.name) }) { first, _ in first }
      return try numbers(as: Int64.self).map { names[$0]?.onOneLine ?? "\($0)" }
    case .integer(_, let isSigned, _):
      return isSigned
        ? try numbers(as: Int64.self).map { "\($0)" } : try numbers(as: UInt64.self).map { "\($0)" }
    case .float(let bits, _, _):
      // A float32 is shown with its own digits, not with those of a double.
      return bits <= 32
        ? try numbers(as: Float.self).map { "\($0)" } : try numbers(as: Double.self).map { "\($0)" }
    default:
      return nil
    }
  }

  private static func quoted(_ text: String) -> String {
    let line = text.onOneLine
    return "\"\(line.count > maximumLength ? line.prefix(maximumLength) + "…" : line)\""
  }
}
