import WeftBase

/// What keeps a file from being imported: all of it, so that a user sees at once what there is to change.
struct Obstacles {
  private let file: String
  private var complaints: [String] = []

  /// - Parameter file: Named once, at the start of the error.
  init(file: String) { self.file = file }

  var isEmpty: Bool { complaints.isEmpty }

  /// Adds an error, once.
  mutating func add(_ error: WeftError) {
    let prefix = "\(file): "
    let text = error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
    if !complaints.contains(text), complaints.count < Self.maximumCount { complaints.append(text) }
  }

  /// Adds the error that `body` throws.
  mutating func collect(_ body: () throws(WeftError) -> Void) {
    do { try body() } catch { add(error) }
  }

  /// - Throws: All obstacles in one line, if there are any.
  func check() throws(WeftError) {
    if !complaints.isEmpty { throw .model("\(file): \(complaints.joined(separator: "; "))") }
  }

  private static let maximumCount = 32
}
