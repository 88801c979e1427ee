import HDF5
import WeftBase

/// The classes of targets where nothing says how many there are.
struct FoundClasses {
  /// Names in the order of their numbers; empty for classes that are numbers.
  private(set) var names: [String] = []
  /// Number of classes; 0 if none were found.
  private(set) var count = 0
  private var texts: Set<String> = []
  private var least = Int64.max
  /// The least class, where negative numbers are none.
  private var leastClass = Int64.max
  /// The least number of classes that begin above 0; nil for others.
  var first: Int? {
    let first = least < 0 ? leastClass : least
    return names.isEmpty && count > 0 && first > 0 && first < count ? Int(first) : nil
  }
  /// A number that is not whole, if any.
  private var fraction: Double?

  /// Adds the classes of a dataset.
  ///
  /// - Throws: If the classes of two enumerations differ, or the dataset cannot be read.
  ///
  /// - Parameters:
  ///   - rank: Dimensions of what has a class.
  ///   - counting: Which of its numbers count.
  mutating func add(
    _ dataset: Dataset, rank: Int, file: String, counting: CountedTargets = CountedTargets()
  ) throws {
    let shape = try dataset.shape
    let isRow = try shape.count > rank && shape.last ?? 0 > 1 && !dataset.isMATLABVector
    switch dataset.datatype {
    // One-hot rows tell the number of classes by themselves.
    case .integer where isRow, .float where isRow, .enumeration where isRow: return
    case .string, .fixedString:
      texts.formUnion(try dataset.read(as: String.self))
      names = texts.sorted()
      count = names.count
    case .enumeration(_, let members):
      let own = members.sorted { $0.value < $1.value }.map(\.name)
      guard names.isEmpty || names == own else {
        throw WeftError.data(
          "\(file): dataset \(dataset.path): its values are \(own.joined(separator: ", ")), but elsewhere"
            + " \(names.joined(separator: ", "))")
      }
      (names, count) = (own, own.count)
    case .integer, .float:
      let packed = try PackedValues(of: dataset)
      var meaning: (@Sendable ([Int], inout [Double]) -> Void)?
      if packed != nil || !counting.areAll {
        meaning = { first, values in
          packed?.unpack(&values)
          counting.apply(to: &values, from: first, shape)
        }
      }
      let extremes = try BlockScan(dataset).extremes(meaning)
      guard let extremes else { return }
      least = min(least, Int64(clamping: extremes.least))
      leastClass = min(leastClass, Int64(clamping: extremes.leastPositive))
      fraction = fraction ?? extremes.fraction
      count = max(count, Int(clamping: extremes.greatest + 1))
    default: break
    }
  }

  /// - Throws: If the numbers are not plausible as classes.
  func check(_ dataset: Dataset, file: String) throws(WeftError) {
    func failure(_ message: String) -> WeftError {
      .data("\(file): dataset \(dataset.path): \(message)")
    }
    if let fraction {
      throw failure(
        "contains \(NumberText.significant(fraction, digits: 4)), which is no class; set loss.kind to one for numbers,"
          + " such as squared-error")
    }
    if !names.isEmpty || count == 0 { return }
    // Of 0 and 1, only one is there.
    if least < 0, count <= 1 || count == 2 && leastClass == 1 {
      throw failure(
        "contains \(least == -100 ? "−100" : "−1"), which marks targets to ignore, and one class otherwise; number the classes from 0"
      )
    }
    if count > 1 << 16 {
      throw failure(
        "contains the class \(count - 1), and nothing says how many there are; set model.output_size, or a loss for"
          + " numbers (loss.kind)")
    }
  }
}

extension Int64 {
  fileprivate init(clamping value: Double) {
    self =
      value.isNaN ? 0 : value <= -0x1p62 ? -(1 << 62) : value >= 0x1p62 ? 1 << 62 : Int64(value)
  }
}

extension Int {
  fileprivate init(clamping value: Double) { self = Int(Int64(clamping: value)) }
}
