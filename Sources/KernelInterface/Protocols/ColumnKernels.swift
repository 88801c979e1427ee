/// Concatenation and padding of columns, and one-hot encoding.
package protocol ColumnKernels {
  /// result = [left, right], row by row; padding of the result becomes zero.
  static func concatenate(_ left: Matrix, _ right: Matrix, into result: Matrix)
  /// [left, right] = source, row by row; padding of both becomes zero.
  static func split(_ source: Matrix, into left: Matrix, _ right: Matrix)
  /// Copies gates of H columns, side by side, to gates of H′ columns; their padding becomes zero.
  ///
  /// - Parameters:
  ///   - source: `[rows, G × H]`.
  ///   - width: H.
  ///   - destination: `[rows, G × H′]`.
  static func padGates(_ source: Matrix, width: Int, into destination: Matrix)
  /// Row p becomes zero except for a one in column `tokens[p]`; so does its padding.
  static func oneHot(_ tokens: [Int32], into result: Matrix)
}
