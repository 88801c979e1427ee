import WeftBase

/// Reads the files of several sources, each with the split of all files of its source, if there is one.
final class DividedFiles {
  private let sources: [(source: TranscribedSource, split: Int?)]
  private let kinds: Set<String>
  private let areClasses: Bool
  /// The source that is read, by its index, once it is opened.
  private var index = 0
  private var files: (any TranscribedReader)?
  /// How the sources that were read are understood.
  private(set) var notes: [String] = []

  init(_ sources: [(source: TranscribedSource, split: Int?)], kinds: Set<String>, areClasses: Bool = false) {
    self.sources = sources
    self.kinds = kinds
    self.areClasses = areClasses
  }

  /// The next file, or why it has no text; nil after the last one.
  ///
  /// - Throws: If a list or a folder cannot be read.
  func next() throws -> (file: Result<TranscribedFile, WeftError>, split: Int?)? {
    while index < sources.count {
      let (source, split) = sources[index]
      if files == nil { files = try TranscribedFiles.reader(source, kinds: kinds, areClasses: areClasses) }
      if let file = try files?.next() { return (file, split) }
      notes += [files?.note].compactMap(\.self)
      files = nil
      index += 1
    }
    return nil
  }
}
