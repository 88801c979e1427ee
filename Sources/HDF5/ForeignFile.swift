import Foundation

/// Files that people take for those of another kind, by their first bytes.
package enum ForeignFile {
  private static let kinds: [(start: [UInt8], text: String)] = [
    (
      Array("version https://git-lfs".utf8),
      "it is a pointer of Git LFS; fetch the file itself with git lfs pull"
    ),
    (Array("CDF\u{1}".utf8), "it is NetCDF-3; convert it with nccopy -k nc4"),
    (Array("CDF\u{2}".utf8), "it is NetCDF-3; convert it with nccopy -k nc4"),
    (Array("CDF\u{5}".utf8), "it is NetCDF-3; convert it with nccopy -k nc4"),
    ([0x0E, 0x03, 0x13, 0x01], "it is HDF4; convert it with h4toh5"),
    (Array("MATLAB 5.0".utf8), olderMATLAB),
    ([0x1F, 0x8B], "it is compressed with gzip; unpack it with gunzip"),
    ([0x28, 0xB5, 0x2F, 0xFD], "it is compressed with Zstandard; unpack it with unzstd"),
    (Array("BZh".utf8), "it is compressed with bzip2; unpack it with bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "it is compressed with xz; unpack it with unxz"),
    ([0x93] + Array("NUMPY".utf8), "it is a NumPy array; convert it with weft data numpy"),
    ([0x80, 0x02], pickle), ([0x80, 0x03], pickle), ([0x80, 0x04], pickle), ([0x80, 0x05], pickle),
    (
      Array("PK".utf8),
      "it is a ZIP archive, such as .npz or .zarr.zip; convert .npz with weft data numpy"
    ),
    (Array("PAR1".utf8), "it is Parquet; save it with pandas as CSV for weft data table"),
    (
      [0xFF, 0xFF, 0xFF, 0xFF],
      "it is an Arrow stream, as of Hugging Face datasets; write it with their to_json or to_csv for weft data text"
    ),
    (
      Array("ARROW1".utf8), "it is Arrow or Feather; save it with pandas as CSV for weft data table"
    ),
    (
      Array("RIFF".utf8),
      "it is a recording or an animation; weft data audio takes a list of recordings with transcripts, or their folder, and weft classify and weft transcribe recordings themselves"
    ),
    (
      Array("fLaC".utf8),
      "it is a recording; weft data audio takes a list of recordings with transcripts, or their folder, and weft classify and weft transcribe recordings themselves"
    ),
    (
      Array("OggS".utf8),
      "it is a recording; weft data audio takes a list of recordings with transcripts, or their folder, and weft classify and weft transcribe recordings themselves"
    ),
    (Array("ID3".utf8), "it is MP3; convert it to WAV, FLAC or Ogg"),
    (
      [0x89] + Array("PNG".utf8),
      "it is an image; weft data images takes a list of images with captions, or their folder, and weft classify and weft caption images themselves"
    ),
    (
      [0xFF, 0xD8, 0xFF],
      "it is an image; weft data images takes a list of images with captions, or their folder, and weft classify and weft caption images themselves"
    ),
    (
      Array("MThd".utf8),
      "it is MIDI; write its notes as arrays, for example with pretty_midi and numpy.savez"
    ),
    (Array("$FL2@(#)".utf8), statistics), (Array("$FL3@(#)".utf8), statistics),
    (Array("<stata_dta>".utf8), statistics),
    (Array("root\0\0".utf8), "it is ROOT; save its branches with uproot and numpy.savez"),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "it is a 7-Zip archive; unpack it with 7z x"),
    (Array("Rar!\u{1A}".utf8), "it is a RAR archive; unpack it with unrar x"),
    (Array("GRIB".utf8), "it is GRIB; convert it to netCDF, for example with xarray and cfgrib"),
    (Array("SIMPLE  =".utf8), "it is FITS; save its arrays with astropy and numpy.savez"),
    ([0xFF] + Array("BIOSEMI".utf8), "it is BDF; read its signals with mne, and save them with numpy.savez"),
    (
      [0x8B] + Array("POD".utf8),
      "it is POD5; convert it with the package pod5, or save its signals with numpy.savez"
    ),
    (
      Array("NIST_1A".utf8),
      "it is a recording; weft data audio takes a list of recordings with transcripts, or their folder, and weft classify and weft transcribe recordings themselves"
    ),
    (Array("%PDF".utf8), "it is PDF; extract its text with pdftotext"),
    ([0x89] + Array("HDF".utf8), "it is HDF5; weft data hdf5 and weft train read it"),
    ([0xD0, 0xCF, 0x11, 0xE0], "it is of an office program; save it as CSV or text"),
    (Array("SQLite".utf8), "it is a SQLite database; export the table as CSV"),
    (Array("<!DOCTYPE html".utf8), "it is a web page; download the file itself"),
    (Array("<!doctype html".utf8), "it is a web page; download the file itself"),
    (Array("<html".utf8), "it is a web page; download the file itself"),
  ]

  private static let statistics =
    "it is of SPSS or Stata; save it with pandas.read_spss or pandas.read_stata as CSV for weft data table"

  private static let olderMATLAB =
    "it is of MATLAB before 7.3; weft inspect shows its variables, and weft data hdf5 converts them"

  /// Files of Python's module `pickle`, among them older ones of PyTorch.
  private static let pickle =
    "it is a Python pickle; load it in Python, save its arrays with numpy.savez, and convert them with weft data numpy"

  /// What a file is and how to go on; nil if it is unknown.
  package static func kind(of path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    // At the end of the file there is nothing.
    let bytes = Array((try? file.read(upToCount: 512)) ?? Data())
    if isEDF(bytes) {
      return "it is EDF; read its signals with mne or pyedflib, and save them with numpy.savez"
    }
    if let record = waveformRecord(path) {
      return
        "it is of a record of WFDB (PhysioNet); read its signals with the package wfdb, and save them:"
        + " numpy.savez('\(record).npz', x=wfdb.rdsamp('\(record)')[0]), for weft data numpy"
    }
    if ["tfrecord", "tfrecords"].contains(URL(filePath: path).pathExtension.lowercased()) {
      return
        "it is of records of TensorFlow; read its examples with tensorflow, and save them with numpy.savez"
    }
    if bytes.dropFirst(257).starts(with: "ustar".utf8) {
      return "it is a tar archive; unpack it with tar -xf"
    }
    if isSafetensors(bytes) {
      return
        "it is safetensors; weft import reads networks, and arrays are saved in Python: numpy.savez('x.npz',"
        + " **safetensors.numpy.load_file('x.safetensors'))"
    }
    if let kind = kinds.first(where: { bytes.starts(with: $0.start) }) { return kind.text }
    return path.lowercased().hasSuffix(".mat") && isMATLAB4(bytes) ? olderMATLAB : part(path)
  }

  /// The name of a record of WFDB, to which a header, signals or annotations belong; nil for other files.
  private static func waveformRecord(_ path: String) -> String? {
    let url = URL(filePath: path)
    guard ["hea", "dat", "atr", "qrs"].contains(url.pathExtension.lowercased()) else { return nil }
    let stem = url.deletingPathExtension()
    // The first line has the name of the record, and the number of its signals and perhaps more.
    guard let file = FileHandle(forReadingAtPath: stem.path + ".hea"),
      let text = (try? file.read(upToCount: 512)).flatMap({ String(data: $0, encoding: .utf8) }),
      let first = text.split(whereSeparator: \.isNewline).first(where: { !$0.hasPrefix("#") })
    else { return nil }
    let words = first.split(separator: " ")
    let record = stem.lastPathComponent
    guard words.count > 1, words[0].split(separator: "/")[0] == record, Int(words[1]) != nil else {
      return nil
    }
    return record
  }

  static let family =
    "it is one of a family of files, such as x00000.h5, x00001.h5; join them with"
    + " h5repart -family_to_single x%05d.h5 x.h5"

  /// Whether a file is the first of a family, which without the others seems truncated.
  static func isOfFamily(_ path: String) -> Bool { has("NCSAfami", path) }

  private static func has(_ driver: String, _ path: String) -> Bool {
    let bytes = (try? FileHandle(forReadingAtPath: path)?.read(upToCount: 512)) ?? Data()
    return bytes.range(of: Data(driver.utf8)) != nil
  }

  /// Whether a file is a part of an HDF5 file that drivers divide, by the first part beside it.
  private static func part(_ path: String) -> String? {
    let (stem, ending) = (URL(filePath: path).deletingPathExtension().path, URL(filePath: path).pathExtension)
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let zeros = stem.dropLast(digits) + String(repeating: "0", count: digits)
    if digits > 0, zeros != stem, has("NCSAfami", "\(zeros).\(ending)") {
      return "it is one of a family of files; join them with h5repart -family_to_single x%0\(digits)d.h5 x.h5"
    }
    if stem.hasSuffix("-r"), has("NCSAmult", "\(stem.dropLast(2))-m.\(ending)") {
      return
        "it has the numbers of the HDF5 file \(URL(filePath: stem).lastPathComponent.dropLast(2))-m.\(ending); copy both into one"
        + " in Python, from h5py.File('x', driver='split')"
    }
    return nil
  }

  /// Whether bytes are the type of a variable of MATLAB's level 4, which no mark precedes: thousands tell the byte order,
  /// 0 or 1, tens the type of numbers, and ones whether they are a text. Source: MathWorks, MAT-File Format.
  private static func isMATLAB4(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 20 else { return false }
    let type = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    let swapped = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    return [type, swapped].contains { $0 / 1000 <= 1 && $0 % 1000 <= 52 }
  }

  /// Whether bytes are the size of a header in JSON and its beginning.
  private static func isSafetensors(_ bytes: [UInt8]) -> Bool {
    bytes.count > 9 && bytes[6] == 0 && bytes[7] == 0 && bytes[8] == UInt8(ascii: "{")
      && bytes[9] == UInt8(ascii: "\"")
  }

  /// Whether bytes are the beginning of a recording in the European Data Format, which begins with its version and has the
  /// date and the time, with points between their parts, after the names of the patient and the recording.
  private static func isEDF(_ bytes: [UInt8]) -> Bool {
    bytes.count > 184 && bytes.starts(with: Array("0       ".utf8))
      && [170, 173, 178, 181].allSatisfy { bytes[$0] == UInt8(ascii: ".") }
  }
}
