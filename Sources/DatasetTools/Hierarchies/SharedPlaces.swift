/// What one place of a file has for all sequences: it is read once, not for each of them.
final class SharedPlaces {
  private var targets: (path: String, reader: TargetReader)?
  private var texts: (path: String, values: [String])?

  /// The reader of targets at a path, made when it is another than that of the last call.
  func targets(at path: String, _ make: () throws -> TargetReader) rethrows -> TargetReader {
    if let targets, targets.path == path { return targets.reader }
    let reader = try make()
    targets = (path, reader)
    return reader
  }

  /// The texts at a path, read when it is another than that of the last call.
  func texts(at path: String, _ read: () throws -> [String]) rethrows -> [String] {
    if let texts, texts.path == path { return texts.values }
    let values = try read()
    texts = (path, values)
    return values
  }
}
