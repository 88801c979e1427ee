import ArgumentParser
import DatasetTools
import WeftBase

/// Where the names of files tell classes.
struct ClassNameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the names of files tell their class, and perhaps what keeps them together in a split: '{class}_{group}_*' for"
        + " 7_jackson_32.wav. * stands for any characters, ? for one, {class:2} for two.",
      valueName: "pattern"))
  var classFrom: String?

  /// The pattern; nil without.
  ///
  /// - Throws: A usage error if it is none, or the source has no names of files.
  func pattern(areClasses: Bool, source: String) throws(WeftError) -> NamePattern? {
    guard let classFrom else { return nil }
    guard areClasses else { throw .usage("--class-from needs --classes") }
    guard FolderListing.isFolder(source) else {
      throw .usage("--class-from reads the files of a folder, but \(source) is a list")
    }
    return try NamePattern(classFrom, option: "--class-from")
  }
}
