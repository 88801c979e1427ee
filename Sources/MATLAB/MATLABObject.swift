/// A variable of a class such as `table`, whose values only MATLAB reads.
package struct MATLABObject: Sendable, Equatable {
  /// The variable.
  package let name: String
  /// Its class.
  package let className: String
}
