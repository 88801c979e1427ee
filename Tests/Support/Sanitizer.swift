/// Whether the tests and the program are built with a sanitizer, as `Scripts/sanitize` does.
public enum Sanitizer {
  /// Whether they are.
  public static var isOn: Bool {
    #if SANITIZER
      true
    #else
      false
    #endif
  }

  /// A command of the shell that limits the address space, of which a sanitizer reserves terabytes.
  public static func limit(kilobytes: Int) -> String { isOn ? "true" : "ulimit -v \(kilobytes)" }
}
