import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftTraining

/// Answers each step that comes on standard input.
struct Step: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict step by step from standard input.",
    discussion: """
      Reads the numbers of a step, separated by spaces, tabs or commas, or a token, on each line, and prints the \
      prediction after it at once as a JSON object. The states are kept between steps, and with --state between runs. A \
      token may be a JSON string, such as "\\n".

      Example:
        tail -f readings.csv | weft step runs/pressure
      """)

  @OptionGroup var trained: TrainedRun

  @Option(
    help: ArgumentHelp(
      "Continue from the states in this file if it exists, and write them to it at the end.",
      valueName: "file"),
    completion: .file())
  var state: String?

  func run() throws {
    // A single sequence uses only one thread.
    let stepper = try trained.model(threads: 1).makeStepper()
    if let state, OutputFile.exists(state) { try stepper.restore(from: state) }
    var number = 0
    while let line = readLine() {
      number += 1
      do {
        let prediction =
          stepper.readsTokens
          ? try stepper.step(token: token(line)) : try stepper.step(features: features(line, number))
        printText(prediction.jsonLine)
      } catch {
        if let state { try stepper.save(to: state) }
        throw WeftError.failure("standard input:\(number): \(error)")
      }
    }
    if let state { try stepper.save(to: state) }
  }

  private func token(_ line: String) throws(WeftError) -> String {
    guard line.hasPrefix("\""), line.count > 1 else { return line }
    guard let text = try? JSONDecoder().decode(String.self, from: Data(line.utf8)) else {
      throw .failure("is not a JSON string")
    }
    return text
  }

  private func features(_ line: String, _ number: Int) throws(WeftError) -> [Double] {
    // Between commas a number may be missing, which must not shift the others.
    let hasSeparators = line.contains { ",;".contains($0) }
    let parts =
      hasSeparators
      ? line.split(omittingEmptySubsequences: false) { ",;".contains($0) }
      : line.split { $0.isWhitespace }
    return try parts.map { part throws(WeftError) in
      let text = part.trimmingCharacters(in: .whitespaces)
      guard text.allSatisfy({ "0123456789+-.eE".contains($0) }), let value = Double(text) else {
        throw .failure("'\(text)' is not a number")
      }
      return value
    }
  }
}
