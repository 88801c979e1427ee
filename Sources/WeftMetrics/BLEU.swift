import Foundation

/// How near texts come to references: the geometric mean of the precisions of n-grams, with a penalty for brevity
/// (Papineni et al. 2002), as sacreBLEU computes it (Post 2018): case-sensitive, to order 4, precisions without a
/// match smoothed exponentially.
public struct BLEU: Sendable, Equatable {
  /// How a text is cut into words.
  public enum Tokenization: String, Sendable, CaseIterable {
    /// As the official script `mteval-v13a`: punctuation stands alone, but for that inside numbers.
    case international13a = "13a"
    /// At white space.
    case none

    func words(_ text: String) -> [[UInt8]] {
      WeftMetrics.words(of: self == .none ? text : separatingPunctuation(text))
    }
  }

  /// 0 to 100.
  public let score: Double
  /// In percent, of n-grams of 1, 2, 3 and 4 words; smoothed.
  public let precisions: [Double]
  /// The factor for texts that are shorter than their references, at most 1.
  public let brevityPenalty: Double
  /// Words of the texts.
  public let length: Int
  /// Words of the references that come nearest in length.
  public let referenceLength: Int

  private static let order = 4

  /// Measures a corpus.
  ///
  /// - Parameters:
  ///   - texts: One a segment.
  ///   - references: One or more for each text.
  ///   - tokenization: How all of them are cut into words.
  /// - Precondition: There are references for each text.
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

  /// Measures a corpus of one reference each.
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

/// A line with spaces around punctuation, after `mteval-v13a`: full stops and commas stay in numbers, hyphens in words.
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

/// Replaces pairs from left to right; a pair that was replaced has no part in the next.
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

/// ASCII punctuation but for the apostrophe, comma, hyphen and full stop.
private func isSymbol(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "{"..."~", "["..."`", " "..."&", "("..."+", ":"..."@", "/": true
  default: false
  }
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

private func isPoint(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "," }
