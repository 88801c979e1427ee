import Foundation
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Names of files that tell classes, as corpora publish and describe them.
@Suite("Classes in the names of files") struct NamePatternTests {
  @Test(arguments: [
    // The Free Spoken Digit Dataset: digit, speaker, index.
    ("{class}_{group}_*", "recordings/7_jackson_32.wav", "7", "jackson"),
    // RAVDESS: modality, channel, emotion, intensity, statement, repetition, actor.
    ("*-*-{class}-*-*-*-{group}", "Actor_12/03-01-06-01-02-01-12.wav", "06", "12"),
    // CREMA-D: actor, sentence, emotion, level.
    ("{group}_*_{class}_*", "1001_DFA_ANG_XX.wav", "ANG", "1001"),
    // EMO-DB: speaker, text, emotion, version.
    ("{group:2}???{class:1}?", "wav/03a01Fa.wav", "F", "03"),
    // SAVEE: speaker's folder, emotion, number.
    ("{group}/{class}??", "AudioData/DC/sa01.wav", "sa", "DC"),
    // TESS: speaker, word, emotion.
    ("{group}_*_{class}", "TESS/OAF_angry/OAF_back_angry.wav", "angry", "OAF"),
    // ESC-50: fold, clip, take, target.
    ("{group}-*-*-{class}", "1-100032-A-0.wav", "0", "1"),
    // Dogs and cats; names of people by language; speakers of VCTK.
    ("{class}.*", "train/cat.0.jpg", "cat", nil), ("{class}", "names/Czech.txt", "Czech", nil),
    ("{class}/*", "wav48/p225/p225_001.wav", "p225", nil),
    ("{class}", "a/é.b.txt", "é.b", nil), ("?{class}*", "abc.txt", "b", nil),
  ])
  func namesAreRead(_ pattern: String, _ path: String, _ label: String, _ group: String?) throws {
    let found = try NamePattern(pattern, option: "--class-from").names(in: path)
    #expect(found?.class == label)
    #expect(found?.group == group)
  }

  @Test(arguments: [
    ("{class}_*", "jackson.wav"), ("{class}/*", "a.wav"), ("{class}??", "ab.wav"), ("{class:3}", "ab.wav"),
    ("x{class}", "ab.wav"), ("{class}_{group}", "_a.wav"),
  ])
  func othersDoNotFit(_ pattern: String, _ path: String) throws {
    #expect(try NamePattern(pattern, option: "--class-from").names(in: path) == nil)
  }

  @Test(arguments: [
    ("*_*", "has no {class}; say where it is in the name, as in '{class}_{group}_*'"),
    ("{class}{class}", "names {class} twice"), ("{label}_*", "only {class} and {group} stand in braces"),
    ("{class", "only {class} and {group} stand in braces"),
    ("{class:0}", "only {class} and {group} stand in braces"), ("{class:x}", "only {class}"),
  ])
  func otherPatternsAreRefused(_ pattern: String, _ message: String) {
    let error = #expect(throws: WeftError.self) { try NamePattern(pattern, option: "--class-from") }
    #expect(
      error?.message.contains("--class-from: '\(pattern)': \(message)") == true, "\(error?.message ?? "")")
  }

  /// Each place is tried once: a name of many equal letters would take years otherwise.
  @Test func manyWildcardsAreFast() throws {
    let pattern = try NamePattern(
      "{class}" + String(repeating: "*a", count: 30) + "b", option: "--class-from")
    #expect(pattern.names(in: String(repeating: "a", count: 250) + ".wav") == nil)
  }
}
