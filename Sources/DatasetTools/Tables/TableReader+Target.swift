import WeftBase

extension TableReader {
  /// The number of a row that is to be predicted; nil where it is missing.
  ///
  /// - Parameters:
  ///   - index: Its column.
  ///   - classOption: The option for columns of classes.
  /// - Throws: If the column has something else, or a number beyond the range of single precision.
  func target(_ fields: TableRow, _ index: Int, classOption: String) throws(WeftError) -> Double? {
    let text = MissingValues.trimmed(fields[index])
    guard let number = format.number(fields, index) else {
      if format.isMissing(text) { return nil }
      let advice = text.numberAdvice.map { " as Weft reads it; \($0)" } ?? "; \(classOption) reads classes"
      throw failure("'\(text.abridged)' is not a number\(advice)", column: names[index])
    }
    guard Float(number).isFinite else {
      throw failure(PrecisionSurvey.excess(text), column: names[index])
    }
    return number
  }
}
