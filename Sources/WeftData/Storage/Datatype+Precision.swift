import HDF5

extension Datatype {
  /// Whether numbers of this type may have more digits than single precision holds.
  package var exceedsSinglePrecision: Bool {
    switch self {
    case .integer(let bits, _, _): bits > 24
    case .float(let bits, _, _): bits > 32
    default: false
    }
  }
}
