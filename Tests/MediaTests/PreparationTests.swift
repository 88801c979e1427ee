import Testing

@testable import Media

@Suite("What files tell of their preparation")
struct PreparationTests {
  @Test("settings come back from JSON as they were")
  func roundTrip() throws {
    var settings = LogMelSettings(rate: 8000, bands: 13)
    settings.scale = .slaney
    settings.preEmphasis = 0.97
    let sound = Preparation(logMel: settings)
    #expect(try Preparation(json: sound.json) == sound)
    let grid = try PatchGrid(height: 8, width: 4, patch: 2, features: .statistics, background: [0, 0.1, 1])
    let image = Preparation(patches: grid)
    #expect(try Preparation(json: image.json) == image)
    #expect(
      image.json
        == #"{"patches":{"background":[0,0.1,1],"features":"statistics","height":8,"patch":2,"width":4}}"#)
  }

  @Test(
    "what cannot be right is refused",
    arguments: [
      (
        #"{"patches":{"background":[0,0,0],"features":"pixels","height":8,"patch":0,"width":4}}"#,
        "patches of 0"
      ),
      (
        #"{"log_mel":{"bands":9,"floor":1e-10,"high_frequency":4000,"hop_length":0,"low_frequency":0,"#
          + #""pre_emphasis":0,"rate":8000,"scale":"htk","window_length":200}}"#, "a hop of 0 samples"
      ),
      (#"{"patches":{"height":8}}"#, "cannot be read"),
      ("", "cannot be read"),
    ])
  func damage(_ json: String, _ reason: String) {
    let error = #expect(throws: MediaError.self) { try Preparation(json: json) }
    #expect(error?.reason.contains(reason) == true)
  }
}
