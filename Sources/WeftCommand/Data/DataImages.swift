import ArgumentParser
import DatasetTools
import Media
import WeftBase

/// Converts images with captions into patches.
struct DataImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract:
      "Convert PNG and JPEG files with captions into grids of patches, for captioning, or with classes.",
    discussion: """
      The source is a text file with lines PATH TAB CAPTION, with paths relative to its folder, or a folder in which \
      each image has a text file of the same name ending in .txt. Lines with one image or equal captions go to the \
      same split. An optional third column names a group, which goes to one split, too. The captions of COCO \
      (captions_*.json) and Flickr8k (captions.txt, Flickr8k.token.txt) and tables with columns such as image and \
      caption are read as well: there all captions of an image go to the same split.

      Examples:
        weft data images emoji.tsv --size 32x32 --patch 8 --unit words --split 0.8,0.1,0.1 --output emoji.h5
        weft data images annotations/captions_train2017.json --validation annotations/captions_val2017.json --output coco.h5
      """)

  @Argument(help: "A list of images with captions, or a folder of both.", completion: .file())
  var source: String

  @Option(
    help: ArgumentHelp(
      "Folder of the images that a list names. (default: the list's folder, or one beside it where corpora keep them)",
      valueName: "folder"),
    completion: .directory)
  var folder: String?

  @Flag(
    help: ArgumentHelp(
      "The source tells the class of each image rather than a caption: a folder of images for each class, a list of lines"
        + " PATH TAB CLASS, or a table with columns such as filename and label."))
  var classes = false

  @OptionGroup var names: ClassNameOptions
  @Option(help: ArgumentHelp("Size to resize images to.", valueName: "height x width"))
  var size = "32x32"

  @Option(help: ArgumentHelp("Height and width of a patch, in pixels.", valueName: "n"))
  var patch = 8

  @Option(help: "Patch features: pixels, or statistics (colors and a histogram of gradients).")
  var features = "pixels"

  @Option(
    help: ArgumentHelp("Background color of transparent images, as hexadecimal RGB.", valueName: "rrggbb"))
  var background = "ffffff"

  @OptionGroup var vocabulary: VocabularyArguments
  @OptionGroup var split: SplitOptions
  @OptionGroup var published: PublishedSplitOptions

  @Flag(help: "Skip unusable files and list them.")
  var skipBad = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = ImageDataset(
      source: try TranscribedSource(source, files: folder), grid: try grid(),
      vocabulary: try vocabulary.options())
    dataset.hasClasses = classes
    let pattern = try names.pattern(areClasses: classes, source: source)
    if let pattern { dataset.source = dataset.source.naming(classes: pattern) }
    if classes, let option = vocabulary.given {
      throw WeftError.usage("\(option) is for captions, but --classes has none")
    }
    dataset.plan = try split.plan()
    dataset.others = try published.lists(folder: folder, classes: pattern)
    dataset.skipsBad = skipBad
    try output.convert(from: [source] + published.paths) { try dataset.write(to: $0, progress: $1) }
  }

  private func grid() throws(WeftError) -> PatchGrid {
    let sides = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let height = sides[0], let width = sides[1] else {
      throw .usage("--size: '\(size)' is not a size such as 32x32")
    }
    guard let kind = PatchGrid.Features(rawValue: features) else {
      throw NearMiss.unknownChoice(features, "kind", of: "--features", among: ["pixels", "statistics"])
    }
    guard background.utf8.count == 6, let color = UInt32(background, radix: 16) else {
      throw .usage("--background: '\(background)' is not six hexadecimal digits such as ffffff")
    }
    do {
      return try PatchGrid(
        height: height, width: width, patch: patch, features: kind,
        background: [16, 8, 0].map { Float(color >> $0 & 0xFF) / 255 })
    } catch { throw .usage(error.reason) }
  }
}
