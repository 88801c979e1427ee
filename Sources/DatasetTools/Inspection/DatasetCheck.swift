import Foundation
import HDF5
import WeftBase
import WeftConfiguration
import WeftData
import WeftTasks

/// A check of all data of a file, or of the files of a configuration: every value, offset and length is read once.
public struct DatasetCheck: Sendable, Encodable {
  /// The files.
  public let files: [String]
  /// How each split is understood, or why it cannot be.
  public private(set) var splits: [String] = []
  /// Bytes of values that were read, before compression.
  public private(set) var bytes = 0
  /// Time of reading, in seconds.
  public private(set) var seconds = 0.0
  /// All faults.
  package private(set) var faults: [DataFault] = []

  /// Number of kinds of faults.
  public var faultCount: Int { faults.count }
  /// One line for each kind of fault, with its first places.
  public var faultLines: [String] {
    faults.map { files.count > 1 || $0.file != files.first ? "\($0.file): \($0.text)" : $0.text }
  }

  private enum CodingKeys: String, CodingKey { case files, splits, bytes, seconds, faults }

  /// Checks a file as its names and types suggest.
  ///
  /// - Throws: If it cannot be opened.
  public init(_ path: String, threads: Int, progress: ProgressReporter) throws {
    files = [path]
    let file = try File(opening: path)
    let groups = try SequenceLayoutCheck.groups(of: file)
    var covered: Set<String> = []
    for group in groups {
      let positions = SequenceLayoutCheck.faults(in: try file.group(group), file: path)
      faults += positions
      do throws(WeftError) {
        // What offsets say cannot be used if they are wrong.
        if !positions.isEmpty { throw WeftError.data("") }
        let dataset = try DatasetFile(suggestedBy: path, split: group)
        splits.append(try dataset.summary(split: group, tellsSplit: true))
        read(try CheckedData(dataset, splits: [group]), threads, progress)
        covered.formUnion(try Self.names(in: file, group))
      } catch {
        if !error.message.isEmpty { add(error, file: path) }
      }
    }
    try read(unknown: file, except: covered, threads, progress)
    if bytes == 0, faults.isEmpty {
      add(.data("contains no dataset of numbers\(try FileAdvice.advice(on: file))"), file: path)
    }
  }

  /// Checks what a configuration reads of its files, or of another.
  ///
  /// - Parameter file: Another file of the same layout; nil for those of the configuration.
  /// - Throws: If they cannot be opened.
  public init(
    _ configuration: Configuration, file: String?, threads: Int, progress: ProgressReporter
  ) throws {
    var configuration = configuration
    if let file { (configuration.data.file, configuration.data.files) = (file, []) }
    configuration.data.standardizes = false
    files = try configuration.data.paths()
    let split = configuration.data.split
    do throws(WeftError) {
      let dataset = try DatasetFile(configuration, threads: threads) { progress.update($0) }
      for name in [split.train, split.validation, split.test] where dataset.contains(split: name) {
        do throws(WeftError) {
          splits.append(try dataset.summary(split: name, tellsSplit: true))
          read(try CheckedData(dataset, splits: [name]), threads, progress)
        } catch {
          try readOtherwise(error, split: name, threads, progress)
        }
      }
    } catch { try readOtherwise(error, split: nil, threads, progress) }
  }

  /// Reads what cannot be understood, to find its faults.
  private mutating func readOtherwise(
    _ error: WeftError, split: String?, _ threads: Int, _ progress: ProgressReporter
  ) throws(WeftError) {
    do {
      for path in files {
        let file = try File(opening: path)
        let groups = try SequenceLayoutCheck.groups(of: file).filter { split == nil || $0 == split }
        for group in groups {
          faults += SequenceLayoutCheck.faults(in: try file.group(group), file: path)
        }
        try read(unknown: file, except: [], threads, progress)
      }
    } catch let error { throw WeftError(error, in: files.first ?? "") }
    if faults.isEmpty || !error.message.contains("offsets") { add(error, file: files.first ?? "") }
  }

  private mutating func add(_ error: WeftError, file: String) {
    let message =
      error.message.hasPrefix("\(file): ")
      ? String(error.message.dropFirst(file.count + 2)) : error.message
    faults.append(DataFault(file: file, dataset: nil, kind: message))
  }

  private mutating func read(_ data: CheckedData, _ threads: Int, _ progress: ProgressReporter) {
    let start = ContinuousClock.now
    let total = Locked(0)
    let done = Locked(0)
    let reporter = UncheckedReporter(progress)
    progress.begin("checking", total: data.blockCount, unit: "blocks")
    faults += data.faults(threads: threads) { size in
      total.withLock { $0 += size }
      done.withLock { _ in reporter.progress.advance() }
    }
    bytes += total.withLock { $0 }
    seconds += (ContinuousClock.now - start).seconds
  }

  /// Reads all other datasets of numbers, of which only damage and numbers that are not finite can be found.
  private mutating func read(
    unknown file: File, except covered: Set<String>, _ threads: Int, _ progress: ProgressReporter
  ) throws {
    var numbers: [Dataset] = []
    for path in try Self.datasets(in: file) where !covered.contains(path) {
      do {
        let dataset = try file.dataset(path)
        if dataset.datatype.isNumeric {
          try dataset.checkIsStored()
          try dataset.checkIsComplete()
          _ = try PackedValues(of: dataset)
          numbers.append(dataset)
        } else {
          try dataset.verify()
        }
      } catch let error as HDF5Error {
        faults.append(
          DataFault(file: file.path, dataset: path, kind: "\(error.attempt): \(error.cause)"))
      } catch let error as WeftError {
        add(error, file: file.path)
      }
    }
    read(try CheckedData(unknown: numbers), threads, progress)
  }

  private static func datasets(in file: File) throws -> [String] {
    var paths: [String] = []
    try file.root.visit { visit in
      if visit.child.isDataset, !visit.isRepeated { paths.append(visit.child.path) }
    }
    return paths
  }

  private static func names(in file: File, _ group: String) throws(WeftError) -> [String] {
    do {
      return try file.group(group).children.filter(\.isDataset).map(\.path)
    } catch { throw WeftError(error) }
  }
}

/// A reporter that is only used under a lock.
private struct UncheckedReporter: @unchecked Sendable {
  let progress: ProgressReporter
  init(_ progress: ProgressReporter) { self.progress = progress }
}
