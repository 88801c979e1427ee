import Foundation
import WeftBase

/// Files beside an ONNX model that hold the bytes of its tensors, as PyTorch writes `m.onnx.data`. Source: ONNX's
/// `docs/ExternalData.md`.
final class ONNXExternalData {
  private let path: String
  private var files: [String: RegularFile] = [:]
  /// Size of all files that the model names.
  private(set) var byteCount = 0

  /// Opens the files that the model's tensors are in.
  ///
  /// - Parameter path: The model's file, in whose folder they are.
  /// - Throws: If a name leads out of the folder, or a file cannot be read.
  init(_ message: ONNXProtoModel, path: String) throws(WeftError) {
    self.path = path
    for tensor in message.graph.initializers { try open(tensor) }
    for node in message.graph.nodes {
      for attribute in node.attributes where attribute.hasTensor { try open(attribute.tensor) }
    }
  }

  private static func entry(_ name: String, of tensor: ONNXProtoTensor) -> String? {
    tensor.external.last { $0.key == name }?.value
  }

  private func refuse(_ tensor: ONNXProtoTensor, _ complaint: String) -> WeftError {
    .model("\(path): tensor '\(tensor.name)': \(complaint)")
  }

  private func open(_ tensor: ONNXProtoTensor) throws(WeftError) {
    guard tensor.isExternal else { return }
    guard let location = Self.entry("location", of: tensor) else {
      throw refuse(tensor, "is in another file, but does not name it")
    }
    if files[location] != nil { return }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.contains("\\"), !location.contains(":"), !location.contains("\0"), parts.count <= 8,
      parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), files.count < Self.maximumFileCount
    else {
      throw refuse(tensor, "is in '\(location)', which is not a name within the folder of the model")
    }
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
    let file: RegularFile
    do { file = try RegularFile(folder + location) } catch {
      throw refuse(tensor, "\(error.message); keep '\(location)' beside the model")
    }
    files[location] = file
    byteCount = byteCount.addingReportingOverflow(file.byteCount).partialValue
  }

  private static let maximumFileCount = 1000

  /// The bytes of a tensor.
  ///
  /// - Parameter count: Their number, by the tensor's type and shape.
  /// - Throws: If the file does not contain as many there.
  func bytes(of tensor: ONNXProtoTensor, count: Int) throws(WeftError) -> Data {
    guard let location = Self.entry("location", of: tensor), let file = files[location] else {
      throw refuse(tensor, "is in another file, which is not beside the model")
    }
    func number(_ name: String, standard: Int) throws(WeftError) -> Int {
      guard let text = Self.entry(name, of: tensor) else { return standard }
      guard let number = Int(text), number >= 0 else { throw refuse(tensor, "its \(name) is '\(text)'") }
      return number
    }
    let offset = try number("offset", standard: 0)
    let length = try number("length", standard: count)
    guard length == count, offset <= file.byteCount, count <= file.byteCount - offset else {
      throw refuse(
        tensor,
        "claims \(length) bytes at \(offset) of '\(location)', which has \(file.byteCount), for a shape of"
          + " \(count) bytes; is the file that of another model?")
    }
    let bytes = try file.read(at: offset, count: count)
    guard bytes.count == count else { throw refuse(tensor, "'\(location)' changed while it was read") }
    return Data(bytes)
  }
}

extension ONNXProtoTensor {
  /// Whether its numbers are in another file.
  var isExternal: Bool { location != 0 || !external.isEmpty }
}
