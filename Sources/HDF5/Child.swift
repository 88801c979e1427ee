/// A named entry of a group.
public struct Child: Sendable, Hashable {
  /// Kind of an object.
  public enum Kind: String, Sendable, Hashable {
    /// A group.
    case group
    /// A dataset.
    case dataset
    /// A named (committed) type.
    case datatype
    /// Any other kind, of a later version of the format.
    case other
  }

  /// Kind of link.
  public enum Link: Sendable, Hashable {
    /// The object itself.
    case hard
    /// A path in the same file, which may dangle.
    case soft(target: String)
    /// A path in another file. Weft does not follow it unless asked to open it.
    case external(file: String, target: String)
    /// A user-defined link.
    case userDefined
  }

  /// The name in its group.
  public let name: String
  /// The path from the file's root.
  public let path: String
  /// Kind of link.
  public let link: Link
  /// Kind of the object; nil if a link dangles or leads out of the file.
  public let kind: Kind?

  /// Whether the object is a group.
  public var isGroup: Bool { kind == .group }
  /// Whether the object is a dataset.
  public var isDataset: Bool { kind == .dataset }
}
