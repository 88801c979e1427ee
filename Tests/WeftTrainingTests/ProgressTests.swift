import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftTerminal
@testable import WeftTraining

@Suite struct ProgressTests {
  static func progress(step: Int, unit: TrainingProgress.Unit = .characters) -> TrainingProgress {
    TrainingProgress(
      step: step, totalSteps: 4500, epoch: 1, totalEpochs: 3, loss: 1.5, validationLoss: 1.62501,
      gradientNorm: 0.8333, learningRate: 0.001, unit: unit, unitsPerSecond: 4449.6,
      remaining: .seconds(185))
  }

  @Test func tellsEverythingInOneLine() {
    #expect(
      Self.progress(step: 1200).line()
        == "step 1200/4500  epoch 1/3  loss 1.5000  2.164 bits/char  validation 1.6250  gradient norm 0.833"
        + "  learning rate 0.001  4.45k char/s  3m05s left")
    let bare = TrainingProgress(
      step: 7, epoch: 2, loss: .nan, learningRate: 2.5e-5, unit: .timeSteps, unitsPerSecond: 12)
    #expect(bare.line() == "step 7  epoch 2  loss nan  learning rate 2.5e-05  12 step/s")
  }

  @Test func leavesOutWhatMattersLeast() {
    let progress = Self.progress(step: 1200)
    #expect(
      progress.line(width: 80)
        == "step 1200/4500  epoch 1/3  loss 1.5000  2.164 bits/char  3m05s left")
    #expect(progress.line(width: 30) == "step 1200/4500  loss 1.5000")
    #expect(progress.line(width: 5) == "step ")
    for width in 1...140 { #expect(progress.line(width: width).count <= width) }
  }

  @Test func rewritesATerminalsLineFiveTimesASecond() {
    var output = ""
    var line = ProgressLine(.rewritten, width: { 31 }, write: { output += $0 })
    let start = ContinuousClock.now
    for step in 0..<41 { line.update(Self.progress(step: step), at: start + .milliseconds(10 * step)) }
    line.note("saved")
    line.finish()
    #expect(
      output == "\rstep 0/4500  loss 1.5000\u{1B}[K\rstep 20/4500  loss 1.5000\u{1B}[K"
        + "\rstep 40/4500  loss 1.5000\u{1B}[K\r\u{1B}[Ksaved\n")
  }

  @Test func leavesTheLatestProgressStanding() {
    var output = ""
    var line = ProgressLine(.rewritten, width: { 31 }, write: { output += $0 })
    line.update(Self.progress(step: 1))
    line.update(Self.progress(step: 2))
    line.finish()
    line.finish()
    #expect(
      output == "\rstep 1/4500  loss 1.5000\u{1B}[K\rstep 2/4500  loss 1.5000\u{1B}[K\n")
  }

  @Test func writesWholeLinesElsewhere() {
    var steps: [Substring] = []
    var line = ProgressLine(
      .lines(every: 10), width: { 0 },
      write: { text in
        steps.append(text.prefix { $0 != "/" })
        #expect(text.hasSuffix("left\n") && !text.contains("\r"))
      })
    for step in 1...25 { line.update(Self.progress(step: step)) }
    line.finish()
    #expect(steps == ["step 10", "step 20", "step 25"])
  }

  @Test(arguments: [
    (0, "0"), (999.4, "999"), (999.5, "1.00k"), (4449.6, "4.45k"), (9995, "10.0k"), (123456, "123k"),
    (999_499, "999k"), (999_500, "1.00M"), (2.5e12, "2500G"), (-1500, "-1.50k"), (.infinity, "inf"),
  ]) func abbreviates(_ value: Double, _ text: String) {
    #expect(NumberText.abbreviated(value) == text)
  }

  @Test(arguments: [
    (0.4, "0s"), (59.9, "59s"), (60, "1m00s"), (3599, "59m59s"), (3600, "1h00m"), (90_000, "1d01h"),
    (-5, "0s"),
  ]) func tellsTime(_ seconds: Double, _ text: String) {
    #expect(NumberText.duration(.seconds(seconds)) == text)
  }

  @Test(arguments: [
    (1, "1"), (0.1, "0.1"), (1e-8, "1e-08"), (1e300, "1e+300"), (.nan, "null"), (.infinity, "null"),
  ]) func writesJSONNumbers(_ value: Double, _ text: String) {
    #expect(NumberText.json(value) == text)
  }
}
