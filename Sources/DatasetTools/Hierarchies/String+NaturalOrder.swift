import Foundation

extension String {
  /// Whether it comes before another text when runs of digits count as numbers.
  func precedesNaturally(_ other: String) -> Bool {
    compare(other, options: [.numeric]) == .orderedAscending
  }
}
