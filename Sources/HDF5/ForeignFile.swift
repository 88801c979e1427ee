import Foundation

/// Files that people take for HDF5, by their first bytes.
enum ForeignFile {
  private static let kinds: [(start: [UInt8], text: String)] = [
    (
      Array("version https://git-lfs".utf8),
      "it is a pointer of Git LFS; fetch the file itself with git lfs pull"
    ),
    (Array("CDF\u{1}".utf8), "it is NetCDF-3; convert it with nccopy -k nc4"),
    (Array("CDF\u{2}".utf8), "it is NetCDF-3; convert it with nccopy -k nc4"),
    (Array("CDF\u{5}".utf8), "it is NetCDF-3; convert it with nccopy -k nc4"),
    ([0x0E, 0x03, 0x13, 0x01], "it is HDF4; convert it with h4toh5"),
    (Array("MATLAB 5.0".utf8), "it is of MATLAB's older format; save it with -v7.3"),
    ([0x1F, 0x8B], "it is compressed with gzip; unpack it with gunzip"),
    ([0x28, 0xB5, 0x2F, 0xFD], "it is compressed with Zstandard; unpack it with unzstd"),
    (Array("BZh".utf8), "it is compressed with bzip2; unpack it with bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "it is compressed with xz; unpack it with unxz"),
    ([0x93] + Array("NUMPY".utf8), "it is a NumPy array; convert it with weft data numpy"),
    (
      Array("PK".utf8),
      "it is a ZIP archive, such as .npz or .zarr.zip; convert .npz with weft data numpy"
    ),
    (Array("PAR1".utf8), "it is Parquet; save it with pandas as CSV for weft data table"),
    (
      Array("ARROW1".utf8), "it is Arrow or Feather; save it with pandas as CSV for weft data table"
    ),
    (Array("<!DOCTYPE".utf8), "it is a web page; download the file itself"),
    (Array("<html".utf8), "it is a web page; download the file itself"),
  ]

  /// What a file is and how to go on; nil if it is unknown.
  static func kind(of path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    // At the end of the file there is nothing.
    let bytes = Array((try? file.read(upToCount: 64)) ?? Data())
    return kinds.first { bytes.starts(with: $0.start) }?.text
  }
}
