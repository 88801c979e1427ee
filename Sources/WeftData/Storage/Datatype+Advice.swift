import HDF5

extension Datatype {
  /// What to do with values of the type where numbers are needed, to follow what is wrong; empty for texts and others.
  package var numberAdvice: String {
    switch self {
    case .compound(let fields) where [["r", "i"], ["real", "imag"]].contains(fields.map(\.name)):
      "; save the parts of complex numbers as features: numpy.concatenate([x.real, x.imag], -1)"
    case .compound: "; weft data hdf5 makes steps of records, of which --fields chooses fields"
    case .sequence(let base) where base.isNumeric: "; weft data hdf5 makes a sequence of each row"
    case .sequence: "; save sequences of numbers"
    case .array: "; save it as numbers with one more dimension"
    case .bitfield: "; save it as integers without a sign, of as many bits"
    case .opaque(byteCount: 2):
      "; save it as numbers, of bfloat16 in Python (x[...].view('u2').astype('u4') << 16).view('f4')"
    case .opaque: "; save it as numbers of their own type, for example x.view('f4')"
    case .other: "; save it as integers or floating-point numbers"
    default: ""
    }
  }

  /// Whether the library makes no numbers of its values.
  package var hasNoNumbers: Bool {
    switch self {
    case .opaque, .bitfield, .other: true
    default: false
    }
  }
}
