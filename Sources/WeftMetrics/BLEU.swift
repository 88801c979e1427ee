import Foundation

/// BLEU: the geometric mean of n-gram precisions with a brevity penalty (Papineni et al. 2002), as computed by sacreBLEU
/// (Post 2018): case-sensitive, up to order 4, with exponential smoothing of precisions without a match.
public struct BLEU: Sendable, Equatable {
  /// Tokenization into words.
  public enum Tokenization: String, Sendable, CaseIterable {
    /// As in the official script `mteval-v13a`: punctuation is separate, except inside numbers.
    case international13a = "13a"
    /// Split at white space.
    case none

    func words(_ text: String) -> [[UInt8]] {
      WeftMetrics.words(of: self == .none ? text : separatingPunctuation(text))
    }
  }

  /// 0 to 100.
  public let score: Double
  /// Smoothed precisions of 1- to 4-grams, in percent.
  public let precisions: [Double]
  /// Brevity penalty for texts shorter than their references, at most 1.
  public let brevityPenalty: Double
  /// Number of words in the texts.
  public let length: Int
  /// Number of words in the references nearest in length.
  public let referenceLength: Int

  private static let order = 4

  /// Computes the score of a corpus.
  ///
  /// - Parameters:
  ///   - texts: One text per segment.
  ///   - references: One or more references per text.
  ///   - tokenization: Tokenization of texts and references.
  /// - Precondition: Every text has references.
  public init(_ texts: [String], references: [[String]], tokenization: Tokenization = .international13a) {
    precondition(texts.count == references.count && references.allSatisfy { !$0.isEmpty })
    var matches = [Int](repeating: 0, count: Self.order)
    var totals = matches
    var length = 0
    var referenceLength = 0
    for (text, references) in zip(texts, references) {
      let words = tokenization.words(text)
      let wanted = references.map(tokenization.words)
      length += words.count
      referenceLength +=
        wanted.map(\.count).min { first, second in
          (abs(first - words.count), first) < (abs(second - words.count), second)
        } ?? 0
      for order in 1...Self.order {
        let own = Self.counts(words, order: order)
        let limits = wanted.map { Self.counts($0, order: order) }
        for (gram, count) in own {
          totals[order - 1] += count
          matches[order - 1] += min(count, limits.map { $0[gram] ?? 0 }.max() ?? 0)
        }
      }
    }
    self.length = length
    self.referenceLength = referenceLength
    brevityPenalty =
      length >= referenceLength ? 1 : length == 0 ? 0 : exp(1 - Double(referenceLength) / Double(length))
    guard matches.contains(where: { $0 > 0 }) else {
      precisions = [Double](repeating: 0, count: Self.order)
      score = 0
      return
    }
    var smoothing = 1.0
    var precisions: [Double] = []
    for (count, total) in zip(matches, totals) {
      if total == 0 {
        precisions.append(0)
      } else if count == 0 {
        smoothing *= 2
        precisions.append(100 / (smoothing * Double(total)))
      } else {
        precisions.append(100 * Double(count) / Double(total))
      }
    }
    self.precisions = precisions
    let mean = precisions.reduce(0) { $0 + log($1) } / Double(Self.order)
    score = brevityPenalty * exp(mean)
  }

  /// Computes the score of a corpus with one reference per text.
  public init(_ texts: [String], references: [String], tokenization: Tokenization = .international13a) {
    self.init(texts, references: references.map { [$0] }, tokenization: tokenization)
  }

  private static func counts(_ words: [[UInt8]], order: Int) -> [ArraySlice<[UInt8]>: Int] {
    guard words.count >= order else { return [:] }
    return (0...words.count - order).reduce(into: [:]) { counts, start in
      counts[words[start..<start + order], default: 0] += 1
    }
  }
}

/// Adds spaces around punctuation as `mteval-v13a`, except for periods and commas in numbers and hyphens in words.
private func separatingPunctuation(_ text: String) -> String {
  var line = text
  while let last = line.unicodeScalars.last, last.properties.isWhitespace { line.unicodeScalars.removeLast() }
  let replacements = [
    ("<skipped>", ""), ("-\n", ""), ("\n", " "), ("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"),
    ("&gt;", ">"),
  ]
  for (found, replacement) in replacements where line.contains(found) {
    line = line.replacingOccurrences(of: found, with: replacement)
  }
  let space: Unicode.Scalar = " "
  var scalars = [space] + line.unicodeScalars + [space]
  scalars = scalars.flatMap { isSymbol($0) ? [space, $0, space] : [$0] }
  scalars = replacingPairs(scalars) { first, second in
    !isDigit(first) && isPoint(second) ? [first, space, second, space] : nil
  }
  scalars = replacingPairs(scalars) { first, second in
    isPoint(first) && !isDigit(second) ? [space, first, space, second] : nil
  }
  scalars = replacingPairs(scalars) { first, second in
    isDigit(first) && second == "-" ? [first, space, second, space] : nil
  }
  var result = String.UnicodeScalarView()
  result.append(contentsOf: scalars)
  return String(result)
}

/// Replaces non-overlapping pairs from left to right.
private func replacingPairs(
  _ scalars: [Unicode.Scalar], _ replacement: (Unicode.Scalar, Unicode.Scalar) -> [Unicode.Scalar]?
) -> [Unicode.Scalar] {
  var result: [Unicode.Scalar] = []
  var index = 0
  while index < scalars.count {
    if index + 1 < scalars.count, let pair = replacement(scalars[index], scalars[index + 1]) {
      result += pair
      index += 2
    } else {
      result.append(scalars[index])
      index += 1
    }
  }
  return result
}

/// ASCII punctuation except the apostrophe, comma, hyphen and period.
private func isSymbol(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "{"..."~", "["..."`", " "..."&", "("..."+", ":"..."@", "/": true
  default: false
  }
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

private func isPoint(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "," }
