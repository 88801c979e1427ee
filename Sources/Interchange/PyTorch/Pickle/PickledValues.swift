/// What a pickle describes. Nothing that it names is looked up or called: functions and classes are names, and what they
/// would make is the name with its arguments.
///
/// Values refer to one another by their places in ``values``, since pickles share values and can contain themselves.
struct PickledValues {
  /// Place of a value.
  typealias Place = Int

  enum Value {
    case none
    /// Of a kind whose contents no reader needs: bytes, sets, long integers.
    case other
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case tuple([Place])
    case list([Place])
    /// Of any class that is one, in order.
    case dictionary([(key: Place, value: Place)])
    /// A function or class.
    case name(PickledName)
    /// What a function or class makes of a tuple.
    case object(PickledName, arguments: Place)
    /// What the file has elsewhere, by a description of it.
    case stored(Place)
  }

  private(set) var values: [Value] = []

  subscript(place: Place) -> Value {
    get { values[place] }
    set { values[place] = newValue }
  }

  mutating func add(_ value: Value) -> Place {
    values.append(value)
    return values.count - 1
  }

  func text(_ place: Place) -> String? { if case .text(let text) = values[place] { text } else { nil } }
  func integer(_ place: Place) -> Int? { if case .integer(let value) = values[place] { value } else { nil } }

  /// The elements of a tuple or list.
  func elements(_ place: Place) -> [Place]? {
    switch values[place] {
    case .tuple(let elements), .list(let elements): elements
    default: nil
    }
  }

  /// The integers of a tuple or list; nil if it is neither, or has others.
  func integers(_ place: Place) -> [Int]? {
    guard let elements = elements(place) else { return nil }
    let integers = elements.compactMap(integer)
    return integers.count == elements.count ? integers : nil
  }

  /// The entries of a dictionary whose keys are texts, each key once with its last value; nil for other values.
  func entries(_ place: Place) -> [(name: String, value: Place)]? {
    guard case .dictionary(let entries) = values[place] else { return nil }
    var order: [String: Int] = [:]
    var result: [(name: String, value: Place)] = []
    for (key, value) in entries {
      guard let name = text(key) else { continue }
      if let known = order[name] {
        result[known].value = value
      } else {
        order[name] = result.count
        result.append((name, value))
      }
    }
    return result
  }
}
