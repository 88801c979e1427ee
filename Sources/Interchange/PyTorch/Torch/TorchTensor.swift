import Foundation
import WeftBase

/// A tensor as PyTorch's files describe it: a view of a storage, which others may share.
struct TorchTensor {
  /// The storage's name in the file.
  let storage: String
  let element: TorchElement
  /// In elements, as ``strides``.
  let offset: Int
  let shape: [Int]
  let strides: [Int]

  private static let maximumRank = 8

  /// The tensor that a pickle describes.
  ///
  /// - Parameters:
  ///   - name: Its name, for errors.
  ///   - place: Its place in `values`.
  ///   - depth: Tensors within parameters within subclasses.
  /// - Throws: If it is of another layout, or its description is damaged.
  init(_ name: String, at place: Int, in values: PickledValues, file: String, depth: Int = 0)
    throws(WeftError)
  {
    func refuse(_ complaint: String) -> WeftError { .model("\(file): '\(name)' \(complaint)") }
    let damaged = refuse("has no complete description; is the file damaged?")
    guard depth < 4, case .object(let maker, let place) = values[place],
      var arguments = values.elements(place)
    else { throw damaged }
    var function = maker.name
    if function == "_rebuild_from_type_v2" {
      // A tensor with attributes, or of a subclass: function, class, its arguments, attributes.
      guard arguments.count >= 3, case .name(let inner) = values[arguments[0]],
        let innerArguments = values.elements(arguments[2])
      else { throw damaged }
      (function, arguments) = (inner.name, innerArguments)
    }
    switch function {
    case "_rebuild_parameter", "_rebuild_parameter_with_state":
      guard let first = arguments.first else { throw damaged }
      self = try TorchTensor(name, at: first, in: values, file: file, depth: depth + 1)
      return
    case "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3": break
    default:
      throw refuse(
        "is a tensor of another layout (\(function)); convert it in Python with .to_dense() or .dequantize()")
    }
    guard arguments.count >= 4, case .stored(let description) = values[arguments[0]],
      let storage = TorchStorage(at: description, in: values), let offset = values.integer(arguments[1]),
      let shape = values.integers(arguments[2]), let strides = values.integers(arguments[3])
    else { throw damaged }
    var element = storage.element
    if function == "_rebuild_tensor_v3" {
      guard arguments.count >= 7, case .name(let type) = values[arguments[6]] else { throw damaged }
      element = TorchElement(type: type.name)
    }
    guard let element else { throw refuse("is of an unknown type") }
    let (first, overflows) = offset.addingReportingOverflow(storage.offset)
    guard !overflows, first >= 0, shape.count <= Self.maximumRank, strides.count == shape.count,
      shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }), shape.boundedProduct != nil
    else { throw refuse("has the shape \(shape) and the strides \(strides), which no tensor has") }
    self.storage = storage.name
    self.element = element
    self.offset = first
    self.shape = shape
    // Strides of single elements are never taken, and can be any number.
    self.strides = zip(shape, strides).map { $0 == 1 ? 0 : $1 }
  }

  /// The numbers in row-major order.
  ///
  /// - Parameters:
  ///   - bytes: Of the storage.
  ///   - budget: From which the memory is taken.
  /// - Throws: If the storage is too small, or the type is not a floating-point type.
  func values(_ name: String, _ bytes: Data, _ budget: FileBudget) throws(WeftError) -> [Float] {
    guard case .float(let type) = element else {
      throw .model("\(budget.path): '\(name)' is of a type that weights cannot have")
    }
    guard let count = shape.boundedProduct, count > 0 else { return [] }
    // The last element.
    var end: Int? = offset
    for (extent, stride) in zip(shape, strides) {
      end = [extent - 1, stride].boundedProduct.flatMap { step in
        end.flatMap { step.addingReportingOverflow($0).overflow ? nil : step + $0 }
      }
    }
    guard let end, end < bytes.count / type.byteCount else {
      throw .model(
        "\(budget.path): '\(name)' \(shape) exceeds its storage of \(bytes.count) bytes; is the file damaged?"
      )
    }
    let start = bytes.startIndex + offset * type.byteCount
    let span = bytes[start..<(start + (end - offset + 1) * type.byteCount)]
    try budget.take(elements: [end - offset + 1], of: MemoryLayout<Float>.stride)
    let stored = type.values(span)
    if isContiguous { return stored }
    try budget.take(elements: shape, of: MemoryLayout<Float>.stride)
    var result: [Float] = []
    result.reserveCapacity(count)
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    while true {
      result.append(stored[place])
      // The next index, the last axis first.
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return result }
    }
  }

  private var isContiguous: Bool {
    var step = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      if stride != step { return false }
      step *= extent
    }
    return true
  }
}

/// A storage as a tensor refers to it.
struct TorchStorage {
  let name: String
  /// Nil for untyped storages, whose tensors name the type.
  let element: TorchElement?
  /// Where a view begins, of files before PyTorch 0.4.
  let offset: Int

  /// Nil if it is no description of a storage: `('storage', class, name, device, size[, view])`.
  init?(at place: Int, in values: PickledValues) {
    guard let parts = values.elements(place), parts.count >= 5, values.text(parts[0]) == "storage",
      case .name(let type) = values[parts[1]], type.isStorage, let name = values.text(parts[2])
    else { return nil }
    self.name = name
    element = TorchElement(storage: type.name)
    var offset = 0
    if parts.count > 5, let view = values.elements(parts[5]) {
      guard view.count == 3, let start = values.integer(view[1]) else { return nil }
      offset = start
    }
    self.offset = offset
  }
}
