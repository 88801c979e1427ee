import WeftBase

/// The arguments of the process.
enum CommandArguments {
  /// Rejects arguments that are not UTF-8 text, such as a path in another encoding. Swift would replace the invalid bytes,
  /// which names another file.
  static func check() throws(WeftError) {
    for (number, argument) in CommandLine.unsafeArgvBuffer.enumerated() {
      guard let argument, number > 0 else { continue }
      let bytes = UnsafeBufferPointer(start: argument, count: length(argument)).map { UInt8(bitPattern: $0) }
      if String(validating: bytes, as: UTF8.self) != nil { continue }
      throw .usage(
        "argument \(number), '\(TextFile.escaped(bytes))', is not UTF-8 text; if it is a path, rename the file"
      )
    }
  }

  /// The arguments of the program after its name, of which `--` after an option for any text, such as the mark of the IMF for
  /// missing values, is that text rather than the end of options.
  static var options: [String] {
    var (options, isText) = ([String](), false)
    for argument in CommandLine.arguments.dropFirst() {
      if isText, argument == "--", let option = options.popLast() {
        options.append("\(option)=--")
      } else {
        options.append(argument)
      }
      isText = argument == "--missing-mark"
    }
    return options
  }

  private static func length(_ text: UnsafePointer<CChar>) -> Int {
    var length = 0
    while text[length] != 0 { length += 1 }
    return length
  }
}

extension CommandLine {
  /// The arguments as C strings, the program first.
  fileprivate static var unsafeArgvBuffer: UnsafeBufferPointer<UnsafeMutablePointer<CChar>?> {
    UnsafeBufferPointer(start: unsafeArgv, count: Int(argc))
  }
}
