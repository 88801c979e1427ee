/// Matrices side by side, and token indices as features.
package protocol ColumnKernels {
  /// result = [left, right], row by row; padded columns of the result become zero.
  static func concatenate(_ left: Matrix, _ right: Matrix, into result: Matrix)
  /// [left, right] = source, row by row; padded columns of both become zero.
  static func split(_ source: Matrix, into left: Matrix, _ right: Matrix)
  /// Row p becomes zero but for a one at column `tokens[p]`.
  static func oneHot(_ tokens: [Int32], into result: Matrix)
}
