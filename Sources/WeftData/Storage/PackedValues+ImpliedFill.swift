import HDF5

extension PackedValues {
  /// What the NetCDF library writes where there is no value, unless a variable names another number: `NC_FILL_FLOAT` and
  /// the like in `netcdf.h`. Bytes have none, because all of their values are in use.
  private static func fill(of datatype: Datatype) -> Double? {
    switch datatype {
    case .float(bits: 32, _, _): Double(Float(9.969_209_968_386_869e36))
    case .float(bits: 64, _, _): 9.969_209_968_386_869e36
    case .integer(bits: 16, let isSigned, _): isSigned ? -32_767 : 65_535
    case .integer(bits: 32, let isSigned, _): isSigned ? -2_147_483_647 : 4_294_967_295
    // Two from the ends of the types, which are these numbers in double precision.
    case .integer(bits: 64, let isSigned, _): isSigned ? -0x1p63 : 0x1p64
    default: nil
    }
  }

  /// The stored number that means a missing value although no attribute says so: the library's own, which it also gives to
  /// HDF5 as the value of what was never written. Nil for other datasets.
  ///
  /// - Throws: Any damage found.
  package static func impliedFill(of dataset: Dataset) throws -> Double? {
    guard let fill = fill(of: dataset.datatype), try !dataset.attributes.contains("_FillValue"),
      let own = try dataset.ownFillValue, own == fill
    else { return nil }
    return fill
  }
}
