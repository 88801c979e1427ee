import Foundation
import WeftBase

/// Reads pickles of PyTorch without executing anything. Source: CPython's `Lib/pickletools.py`, protocols 2 to 5.
///
/// A fixed list of operations builds values; a fixed list of functions and classes may be named
/// (``PickledName/isAllowed``). Everything else ends in an error.
struct PickleReader {
  let file: String
  let budget: FileBudget
  let bytes: Data
  /// Where the next byte is read.
  private(set) var place: Int
  private(set) var values = PickledValues()
  /// Places of ``PickledValues/Value/stored(_:)``.
  private(set) var stored: [PickledValues.Place] = []
  private var stack: [PickledValues.Place] = []
  /// Heights of the stack.
  private var marks: [Int] = []
  private var memo: [Int: PickledValues.Place] = [:]

  /// - Parameters:
  ///   - bytes: Contains the pickle, which ends by itself.
  ///   - place: Where it begins.
  ///   - budget: Of the file.
  ///   - file: For errors.
  init(_ bytes: Data, at place: Int = 0, budget: FileBudget, file: String) {
    (self.bytes, self.place, self.budget, self.file) = (bytes, place, budget, file)
  }

  /// What to do instead, in Python.
  static let advice = #"in Python: torch.save(model.state_dict(), "weights.pt")"#

  private func damaged(_ what: String) -> WeftError {
    .model("\(file): is not a complete PyTorch file: \(what)")
  }

  /// Reads to the end of the pickle.
  ///
  /// - Returns: The place of the value that it describes.
  /// - Throws: If it is damaged, or needs an operation, function or class that weights do not.
  mutating func read() throws(WeftError) -> PickledValues.Place {
    while true {
      let code = try take()
      guard let operation = PickleOperation(rawValue: code) else {
        throw .model(
          "\(file): its pickle contains the operation 0x\(String(code, radix: 16)), which weights do not need;"
            + " save a state dictionary, \(Self.advice)")
      }
      if operation == .stop {
        guard stack.count == 1, marks.isEmpty else { throw damaged("its pickle ends too early") }
        return stack[0]
      }
      try perform(operation)
    }
  }

  // MARK: - Bytes

  private mutating func take() throws(WeftError) -> UInt8 {
    guard place < bytes.count else { throw damaged("its pickle does not end") }
    defer { place += 1 }
    return bytes[bytes.startIndex + place]
  }

  private mutating func take(_ count: Int) throws(WeftError) -> Data {
    guard count >= 0, count <= bytes.count - place else { throw damaged("its pickle does not end") }
    defer { place += count }
    return bytes[(bytes.startIndex + place)..<(bytes.startIndex + place + count)]
  }

  /// A little-endian integer without a sign; −1 if it exceeds an integer.
  private mutating func number(_ byteCount: Int) throws(WeftError) -> Int {
    Int(exactly: try take(byteCount).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) ?? -1
  }

  private mutating func line() throws(WeftError) -> String {
    let rest = bytes[(bytes.startIndex + place)...].prefix(4096)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw damaged("its pickle does not end") }
    let line = rest[..<end]
    place += line.count + 1
    return String(decoding: line, as: UTF8.self)
  }

  private mutating func pushText(_ count: Int) throws(WeftError) {
    try budget.take(bytes: count)
    try push(.text(String(decoding: try take(count), as: UTF8.self)))
  }

  // MARK: - The stack

  private mutating func push(_ value: PickledValues.Value) throws(WeftError) {
    try budget.take(objects: 1)
    stack.append(values.add(value))
  }

  private mutating func pop() throws(WeftError) -> PickledValues.Place {
    guard let top = stack.popLast(), stack.count >= marks.last ?? 0 else {
      throw damaged("its pickle takes more than it has")
    }
    return top
  }

  /// The values above the last mark.
  private mutating func popMarked() throws(WeftError) -> [PickledValues.Place] {
    guard let height = marks.popLast(), height <= stack.count else {
      throw damaged("its pickle takes more than it has")
    }
    defer { stack.removeSubrange(height...) }
    return Array(stack[height...])
  }

  private func top() throws(WeftError) -> PickledValues.Place {
    guard let top = stack.last else { throw damaged("its pickle takes more than it has") }
    return top
  }

  // MARK: - Operations

  private mutating func perform(_ operation: PickleOperation) throws(WeftError) {
    switch operation {
    case .stop: break
    case .protocolNumber: _ = try take(1)
    case .frame: _ = try take(8)
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .popMark: _ = try popMarked()
    case .none: try push(.none)
    case .true: try push(.bool(true))
    case .false: try push(.bool(false))
    case .integer: try push(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
    case .integer1: try push(.integer(try number(1)))
    case .integer2: try push(.integer(try number(2)))
    case .long1: try pushLong(try number(1))
    case .long4: try pushLong(try number(4))
    case .number:
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      try push(.number(Double(bitPattern: bits)))
    case .text1, .string1: try pushText(try number(1))
    case .text4, .string4: try pushText(try number(4))
    case .text8: try pushText(try number(8))
    case .bytes1, .bytes4, .bytes8, .byteArray:
      _ = try take(try number(operation == .bytes1 ? 1 : operation == .bytes4 ? 4 : 8))
      try push(.other)
    case .emptyTuple: try push(.tuple([]))
    case .tuple1, .tuple2, .tuple3:
      var elements: [PickledValues.Place] = []
      for _ in 0..<(operation == .tuple1 ? 1 : operation == .tuple2 ? 2 : 3) {
        elements.insert(try pop(), at: 0)
      }
      try push(.tuple(elements))
    case .tuple: try push(.tuple(try popMarked()))
    case .list: try push(.list(try popMarked()))
    case .emptyList: try push(.list([]))
    case .dictionary: try push(.dictionary(try pairs(try popMarked())))
    case .emptyDictionary: try push(.dictionary([]))
    case .emptySet: try push(.other)
    case .frozenSet:
      _ = try popMarked()
      try push(.other)
    case .append: try append([try pop()])
    case .appends, .addItems: try append(try popMarked())
    case .setItem:
      let value = try pop()
      try set([try pop(), value])
    case .setItems: try set(try popMarked())
    case .put1: memo[try number(1)] = try top()
    case .put4: memo[try number(4)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .get1, .get4:
      guard let known = memo[try number(operation == .get1 ? 1 : 4)] else {
        throw damaged("its pickle refers to nothing")
      }
      stack.append(known)
    case .global: try pushName(try line(), try line())
    case .stackGlobal:
      let (name, module) = (try pop(), try pop())
      guard let name = values.text(name), let module = values.text(module) else {
        throw damaged("its pickle names a class that is no text")
      }
      try pushName(module, name)
    case .reduce, .newObject: try call(arguments: try pop())
    case .newObjectWithKeywords:
      _ = try pop()
      try call(arguments: try pop())
    case .build:
      // Attributes of an object, of which weights have none that matter.
      _ = try pop()
      _ = try top()
    case .persistent:
      try push(.stored(try pop()))
      stored.append(try top())
    }
  }

  /// An integer of any length, of which only those of 8 bytes are kept.
  private mutating func pushLong(_ count: Int) throws(WeftError) {
    let digits = try take(count)
    guard digits.count <= 8 else { return try push(.other) }
    let sign: UInt64 = (digits.last ?? 0) & 0x80 == 0 ? 0 : .max
    let bits = digits.reversed().reduce(sign) { $0 << 8 | UInt64($1) }
    try push(.integer(Int(bitPattern: UInt(bits))))
  }

  private func pairs(
    _ places: [PickledValues.Place]
  ) throws(WeftError) -> [(key: PickledValues.Place, value: PickledValues.Place)] {
    guard places.count.isMultiple(of: 2) else { throw damaged("its pickle has a key without a value") }
    return stride(from: 0, to: places.count, by: 2).map { (places[$0], places[$0 + 1]) }
  }

  private mutating func append(_ elements: [PickledValues.Place]) throws(WeftError) {
    let place = try top()
    guard case .list(var list) = values[place] else { return }
    // Freed first, so that the list is not copied for each element.
    values[place] = .none
    list += elements
    values[place] = .list(list)
  }

  private mutating func set(_ places: [PickledValues.Place]) throws(WeftError) {
    let (place, added) = (try top(), try pairs(places))
    guard case .dictionary(var entries) = values[place] else { return }
    values[place] = .none
    entries += added
    values[place] = .dictionary(entries)
  }

  private mutating func pushName(_ module: String, _ name: String) throws(WeftError) {
    let named = PickledName(module: module, name: name)
    guard named.isAllowed else { throw refusal(named) }
    try push(.name(named))
  }

  private mutating func call(arguments: PickledValues.Place) throws(WeftError) {
    guard case .name(let name) = values[try pop()] else {
      throw damaged("its pickle calls something that is no function")
    }
    guard name.kind == .dictionary else { return try push(.object(name, arguments: arguments)) }
    // Python 2 made ordered dictionaries of a list of pairs.
    var entries: [(key: PickledValues.Place, value: PickledValues.Place)] = []
    for argument in values.elements(arguments) ?? [] {
      let pairs = values.elements(argument) ?? []
      try budget.take(objects: pairs.count)
      if case .dictionary(let known) = values[argument] {
        try budget.take(objects: known.count)
        entries += known
      }
      for pair in pairs {
        guard let pair = values.elements(pair), pair.count == 2 else { continue }
        entries.append((pair[0], pair[1]))
      }
    }
    try push(.dictionary(entries))
  }

  /// Modules whose functions run programs or other code.
  private static let dangerous: Set = [
    "os", "posix", "nt", "subprocess", "sys", "builtins", "__builtin__", "importlib", "runpy", "socket",
    "shutil",
    "ctypes", "pickle", "code", "pty", "webbrowser",
  ]

  /// Why a function or class is not accepted, and what to do instead.
  private func refusal(_ name: PickledName) -> WeftError {
    let full = "\(name.module).\(name.name)"
    if let module = name.module.split(separator: ".").first, Self.dangerous.contains(String(module)) {
      return .model(
        "\(file): names the Python function \(full), which no model needs and which could do anything where the"
          + " file is loaded; do not load it in Python either")
    }
    let texts = stack.compactMap(values.text)
    let load = "torch.load(\"\(file)\", weights_only=False)"
    // PyTorch marks modules so when it stores their source.
    if stack.isEmpty || texts == ["module"] {
      return .model(
        "\(file): is a whole Python object of the class \(full), not a state dictionary; where you trust the"
          + " file, save its state dictionary in Python: torch.save(\(load).state_dict(), \"weights.pt\")")
    }
    let key = texts.last ?? ""
    let isModel = TorchFile.keys.contains(key) && !key.contains("state") && !key.contains("weights")
    let weights =
      isModel
      ? "[\"\(key)\"].state_dict()" : "[\"\(TorchFile.keys.first(where: texts.contains) ?? "state_dict")\"]"
    return .model(
      "\(file): contains the Python name \(full)\(key.isEmpty ? "" : " in '\(key)'"), which weights do not"
        + " need; where you trust the file, save its weights alone in Python:"
        + " torch.save(\(load)\(weights), \"weights.pt\")")
  }
}
