import WeftBase

/// The option `--lead-in`.
enum LeadInOption {
  /// - Throws: A usage error for a number out of range.
  static func checked(_ count: Int) throws(WeftError) -> Int {
    guard (0...1 << 20).contains(count) else {
      throw .usage("--lead-in must be at least 0 and at most \(1 << 20), not \(count)")
    }
    return count
  }
}
