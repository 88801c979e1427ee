import WeftBase

/// The speakers that the paths of a corpus tell.
enum SpeakerFolders {
  /// Folders such as `DR1/FCJF0` of recordings with `.PHN` beside them. All speakers say some of the same sentences.
  case timit
  /// Folders such as `p225` of `p225_001.wav`. Speakers begin with the same sentences.
  case vctk
  /// Folders of a speaker and a chapter, `84/121123/84_121123_000007_000001.wav`.
  case libriTTS

  /// Recordings that are looked at.
  private static let tellingCount = 100

  /// - Parameter names: The paths of recordings within the folder of all.
  init?(_ names: [String], in folder: String) {
    guard let first = names.first,
      let found = [SpeakerFolders.timit, .vctk, .libriTTS].first(where: { $0.speaker(of: first) != nil })
    else { return nil }
    if found == .timit {
      let hasPhones = names.prefix(Self.tellingCount).contains { name in
        let stem = PathParts.path(PathParts.withoutEnding(name), in: folder)
        return OutputFile.exists(stem + ".PHN") || OutputFile.exists(stem + ".phn")
      }
      guard hasPhones else { return nil }
    }
    self = found
  }

  /// The speaker of a recording; nil if its path tells none.
  func speaker(of name: String) -> String? {
    let parent = PathParts.folder(of: name)
    let own = PathParts.name(of: parent)
    let stem = PathParts.stem(of: name)
    switch self {
    case .timit: return own.wholeMatch(of: #/(?i)[fm][a-z]{3}[0-9]/#) == nil ? nil : own.uppercased()
    case .vctk:
      guard own.wholeMatch(of: #/[ps][0-9]{1,4}/#) != nil, stem.hasPrefix("\(own)_") else { return nil }
      return own
    case .libriTTS:
      let speaker = PathParts.name(of: PathParts.folder(of: parent))
      return stem.hasPrefix("\(speaker)_\(own)_") && Int(speaker) != nil ? speaker : nil
    }
  }

  /// Whether equal transcripts would tie all speakers together.
  var haveSentencesInCommon: Bool { self != .libriTTS }

  /// What they are, for the user.
  var note: String {
    haveSentencesInCommon
      ? "speakers are groups; sentences that several of them say are not kept together"
      : "speakers are groups"
  }
}
