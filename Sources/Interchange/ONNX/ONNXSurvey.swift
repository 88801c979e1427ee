import Foundation
import WeftBase

/// Counts what an ONNX file contains before it is parsed: an empty node takes two bytes of a file, and hundreds of
/// memory.
enum ONNXSurvey {
  /// Fields whose messages contain others that count, by number. Source: ONNX's `onnx.proto`.
  private indirect enum Fields {
    case counted
    case within([Int: Fields])
  }

  /// A tensor, whose numbers are packed in few fields.
  private static let tensor = Fields.within([13: .counted])
  private static let value = Fields.within([2: .within([1: .within([2: .within([1: .counted])])])])
  private static let attribute = Fields.within([5: tensor])
  private static let node = Fields.within([5: attribute])
  private static let graph = Fields.within([
    1: node, 5: tensor, 11: value, 12: value, 13: value,
  ])
  private static let model = Fields.within([7: graph, 14: .counted])

  /// Counts the fields of all messages.
  ///
  /// - Throws: If there are more than the budget allows, or the file is no message.
  static func check(_ bytes: Data, budget: FileBudget, file: String) throws(WeftError) {
    guard try count([UInt8](bytes)[...], model, budget) else {
      throw .model("\(file): is not an ONNX model")
    }
  }

  /// Whether the message is well-formed.
  private static func count(
    _ message: ArraySlice<UInt8>, _ fields: Fields, _ budget: FileBudget
  ) throws(WeftError) -> Bool {
    guard case .within(let inner) = fields else { return true }
    var reader = WireFields(message)
    // Numbers that are not packed are elements of a list, not objects.
    var (objects, isWhole) = (0, true)
    while isWhole, let field = reader.next() {
      guard case .bytes(let content) = field.content else { continue }
      objects += 1
      if objects == 256 {
        try budget.take(objects: objects)
        objects = 0
      }
      if let next = inner[field.number] { isWhole = try count(content, next, budget) }
    }
    try budget.take(objects: objects)
    return isWhole && reader.isIntact
  }
}
