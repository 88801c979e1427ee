import WeftBase
import WeftData

extension TrainedModel {
  /// A note on data whose steps are further apart in time than those of training, or closer; nil where they are not, or where
  /// either lacks times or cannot be read.
  ///
  /// - Parameters:
  ///   - split: Name of the split that the model is applied to.
  ///   - file: Another file than the training dataset; nil for that.
  package func timeStepNote(split: String, file: String?) -> String? {
    guard let file, let own = usualStep(split: split, of: file),
      let trained = usualStep(split: configuration.data.split.train, of: nil),
      abs(own.length / trained.length - 1) > Self.tolerance
    else { return nil }
    return
      "\(file): group /\(split): its steps are \(own.text) apart, but the model was trained on steps of \(trained.text)"
  }

  /// Months are not of one length.
  private static let tolerance = 0.05
  /// Steps at the beginning of a split that tell how far apart they are.
  private static let tellingCount = 1000

  private func usualStep(split: String, of file: String?) -> (length: Double, text: String)? {
    guard let dataset = try? open(configuration(for: file), needsTargets: false),
      dataset.contains(split: split), let times = try? dataset.times(split: split),
      let first = try? times.times(0..<Self.tellingCount), let step = TimeStep(first, times.style.scale)
    else { return nil }
    let day = 86_400.0
    switch step {
    case .seconds(let seconds):
      if times.style.scale == .numbers { return (seconds, NumberText.json(seconds)) }
      let units = [(day, "d"), (3600, "h"), (60, "min")]
      let unit = units.first { seconds.truncatingRemainder(dividingBy: $0.0) == 0 } ?? (1, "s")
      return (seconds, "\(NumberText.json(seconds / unit.0)) \(unit.1)")
    case .days(let days): return (Double(days) * day, "\(days) d")
    // A few of these are told as days.
    case .weekdays: return (day, "1 d")
    case .months(let months, _): return (Double(months) * 30.44 * day, NumberText.counted(months, "months"))
    }
  }
}
