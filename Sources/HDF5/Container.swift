/// A container of named objects: a group, or a file through its root group.
///
/// Names are paths: `train/tokens` from here, `/train/tokens` from the root.
public protocol Container: Attributed {
  /// The group in which names are looked up.
  var baseGroup: Group { get }
}

/// An object with attributes: a file, group or dataset.
public protocol Attributed {
  /// The small named values attached here.
  var attributes: Attributes { get }
}

extension Container {
  /// The attributes of the group, for a file those of its root.
  public var attributes: Attributes { Attributes(baseGroup.handle) }
}
