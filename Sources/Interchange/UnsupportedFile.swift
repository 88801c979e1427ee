import Archives
import Foundation
import WeftBase

/// Names files and folders that people take for a model's file, and says what to do instead.
enum UnsupportedFile {
  private static let torch = "save a state dictionary, \(PickleReader.advice)"
  private static let keras = #"save the model in Python as HDF5: model.save("model.h5")"#

  /// Why a folder is not a model's file, by what is in it; nil if it is no folder.
  static func folder(_ path: String) -> WeftError? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    func has(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
    func advise(_ text: String) -> WeftError { .model("\(path): \(text)") }
    if has("saved_model.pb") || has("saved_model.pbtxt") {
      return advise(
        "is a TensorFlow SavedModel; save it in Python as HDF5:"
          + " tf_keras.models.load_model(\"\(path)\").save(\"model.h5\")")
    }
    if has(KerasModel.configurationMember), has(KerasModel.weightsMember) {
      return advise("is the unpacked folder of a .keras archive; name the archive, or pack it again with zip")
    }
    if has("data.pkl"), has("data") {
      return advise("is the unpacked folder of a file of torch.save; name that file")
    }
    if has("checkpoint") || has("variables.index") {
      return advise("is a folder of TensorFlow checkpoints, which do not describe a model; \(keras)")
    }
    for name in ["model.safetensors", "pytorch_model.bin", "model.onnx", "model.keras", "model.h5"]
    where has(name) {
      return advise("is a folder; name the file \(name) in it")
    }
    if has("configuration.yaml") {
      return advise("is the folder of a run of Weft; there is nothing to import")
    }
    return advise("is a folder; name the model's file")
  }

  /// Why a file is not a model's file, by its first and last bytes; nil if it may be one.
  ///
  /// - Parameters:
  ///   - start: Its first 512 bytes, or all of a shorter file.
  ///   - end: Its last 8 bytes.
  static func file(_ path: String, start: [UInt8], end: [UInt8]) -> WeftError? {
    func advise(_ text: String) -> WeftError { .model("\(path): \(text)") }
    if start.isEmpty { return advise("is empty; was it downloaded or copied completely?") }
    for (magic, offset, text) in magics
    where start.count >= offset + magic.count && start[offset...].starts(with: magic) {
      return advise(text)
    }
    if end == [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB] || path.contains(/\.data-\d{5}-of-\d{5}$/) {
      return advise("is part of a TensorFlow checkpoint, which does not describe a model; \(keras)")
    }
    if let part = path.firstMatch(of: #/-\d{5}-of-(\d{5})\.(safetensors|bin)$/#), part.1 != "00001" {
      return advise("is one of several files of a model; save it in one, \(PickleReader.advice)")
    }
    if path.hasSuffix("saved_model.pb") {
      return advise(
        "is part of a TensorFlow SavedModel; save the model in Python as HDF5:"
          + " tf_keras.models.load_model(FOLDER).save(\"model.h5\")")
    }
    if start[0] == 0x80, start.count > 1, (2...5).contains(start[1]),
      !start.starts(with: TorchFile.plainStart)
    {
      return advise(
        "is a Python pickle that torch.save did not write, and reading it would run what is in it; where you"
          + " trust it, load it in Python and \(torch), or model.save(\"model.h5\") of Keras")
    }
    return text(start).map(advise)
  }

  /// Bytes that files begin with, from an offset.
  private static let magics: [([UInt8], Int, String)] = {
    func magic(_ text: String, at offset: Int = 0, _ what: String) -> ([UInt8], Int, String) {
      (Array(text.utf8), offset, what)
    }
    let packed = "is a compressed archive; unpack it, and name the model's file in it"
    return [
      magic(
        "TFL3", at: 4,
        "is a TensorFlow Lite model, made for inference alone; import the model it was made from"),
      (
        [0x93] + Array("NUMPY".utf8), 0, "is a NumPy array, not a model; for a dataset, see 'weft data numpy'"
      ),
      magic("GGUF", "is a GGUF file of a transformer, which has no recurrent layers"),
      magic("MATLAB 5.0", "is a MATLAB file; export the network there to ONNX with exportONNXNetwork"),
      ([0x1F, 0x8B], 0, packed), (Array("BZh".utf8), 0, packed), ([0xFD] + Array("7zXZ".utf8), 0, packed),
      ([0x28, 0xB5, 0x2F, 0xFD], 0, packed), (Array("Rar!".utf8), 0, packed),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, packed), magic("ustar", at: 257, packed),
    ]
  }()

  /// What a text is that stands in the place of a model.
  private static func text(_ start: [UInt8]) -> String? {
    // The end may be in the middle of a character.
    let text = String(decoding: start, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let lower = text.lowercased()
    if text.hasPrefix("version https://git-lfs") {
      return "is a pointer of Git LFS, not the file itself; fetch that with 'git lfs pull'"
    }
    if ["<!doctype html", "<html", "<?xml"].contains(where: lower.hasPrefix) {
      return "is a web page, not a model; download the file itself, not the page that shows it"
    }
    if text.hasPrefix("model_checkpoint_path:") {
      return "is the list of a TensorFlow checkpoint, which does not describe a model; \(keras)"
    }
    guard text.hasPrefix("{") else { return nil }
    if text.contains("\"weight_map\"") || text.contains("\"total_size\"") {
      return "is the index of a model in several files; save it in one, \(PickleReader.advice)"
    }
    if text.contains("\"class_name\"") || text.contains("\"modelTopology\"") {
      return "describes a Keras model without its weights; \(keras)"
    }
    return "is a JSON document, not a model"
  }

  /// Why an archive is not a model's file, by its members.
  static func archive(_ path: String, _ members: [String]) -> WeftError {
    func advise(_ text: String) -> WeftError { .model("\(path): \(text)") }
    if members.contains(where: { $0.hasSuffix("saved_model.pb") }) {
      return advise(
        "is an archive of a TensorFlow SavedModel; unpack it and save the model as HDF5 in Python")
    }
    if members.contains(where: { $0.hasSuffix("constants.pkl") }) {
      return advise(
        "is a TorchScript program; save its weights in Python:"
          + " torch.save(torch.jit.load(\"\(path)\").state_dict(), \"weights.pt\")")
    }
    if members.contains(where: { $0.hasSuffix("archive_format") || $0.contains("exported_program") }) {
      return advise(
        "is a program of torch.export; save its weights in Python:"
          + " torch.save(torch.export.load(\"\(path)\").state_dict, \"weights.pt\")")
    }
    if members.contains(where: { $0.hasSuffix(".npy") }) {
      return advise(
        "is an archive of NumPy arrays, which does not name a network's layers; \(torch), or \(keras); for a"
          + " dataset, see 'weft data numpy'")
    }
    return advise(
      "is an archive, but neither of torch.save nor of Keras; unpack it, and name the model's file in it")
  }
}
