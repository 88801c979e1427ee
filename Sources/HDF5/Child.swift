/// A named entry of a group.
public struct Child: Sendable, Hashable {
  /// What an object is.
  public enum Kind: String, Sendable, Hashable {
    /// A group.
    case group
    /// A dataset.
    case dataset
    /// A type stored under a name of its own.
    case datatype
    /// Anything else that a later version of the format may have.
    case other
  }

  /// How the name leads to the object.
  public enum Link: Sendable, Hashable {
    /// The object itself.
    case hard
    /// A path in the same file, where there may be something or not.
    case soft(target: String)
    /// A path in another file. Weft does not follow it unless asked to open it.
    case external(file: String, target: String)
    /// A kind of link that only its maker understands.
    case userDefined
  }

  /// The name in its group.
  public let name: String
  /// The path from the file's root.
  public let path: String
  /// How the name leads to the object.
  public let link: Link
  /// What the object is; nil when a link leads nowhere or out of the file.
  public let kind: Kind?

  /// Whether the object is a group.
  public var isGroup: Bool { kind == .group }
  /// Whether the object is a dataset.
  public var isDataset: Bool { kind == .dataset }
}
