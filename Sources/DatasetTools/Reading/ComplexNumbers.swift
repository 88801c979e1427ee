import HDF5

/// Complex numbers, which no layer reads.
enum ComplexNumbers {
  /// Whether records are complex numbers of h5py or MATLAB.
  static func are(_ fields: [Datatype.Field]) -> Bool {
    [["r", "i"], ["real", "imag"]].contains(fields.map(\.name))
  }

  /// What to do with them.
  static let advice = "save their parts as features: numpy.concatenate([x.real, x.imag], -1)"
}
