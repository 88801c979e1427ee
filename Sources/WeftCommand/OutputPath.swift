import WeftBase

/// Checks of the paths that a user names for output.
enum OutputPath {
  /// Checks that a file to write is none of those that are read, also under another path or through a link.
  ///
  /// - Parameters:
  ///   - option: The option that names it, for the error.
  ///   - inputs: The files that are read.
  /// - Throws: A usage error if it is.
  static func check(_ output: String, isNoneOf inputs: [String], option: String = "--output")
    throws(WeftError)
  {
    guard let input = inputs.first(where: { FileIdentity.areSame(output, $0) }) else { return }
    let what = input == output ? "an input" : "the input \(input) under another name"
    throw .usage("\(option) \(output): is \(what); name another file")
  }
}
