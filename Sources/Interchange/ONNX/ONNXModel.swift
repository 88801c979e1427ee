import Foundation
import SwiftProtobuf
import WeftBase

/// An ONNX file: a graph of operators with their weights.
package struct ONNXModel: Sendable {
  var message: ONNXProtoModel
  /// The file, where tensors in other files are looked for.
  private(set) var path = ""

  /// - Throws: If the file cannot be read or is not an ONNX model.
  package init(reading path: String) throws(WeftError) {
    let bytes = try InputFile.contents(path)
    try ONNXSurvey.check(bytes, budget: FileBudget(path: path, fileBytes: bytes.count), file: path)
    guard let message = try? ONNXProtoModel(serializedBytes: bytes), message.hasGraph, message.irVersion > 0
    else {
      throw .model("\(path): is not an ONNX model")
    }
    self.message = message
    self.path = path
  }

  /// Writes the file atomically.
  package func write(to path: String) throws(WeftError) {
    let bytes: Data
    do { bytes = try message.serializedData() } catch {
      throw .model("\(path): exceeds the size limit of ONNX files")
    }
    try OutputFile.replace(path, with: [bytes])
  }
}
