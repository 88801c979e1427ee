/// Resources of report pages, embedded in the program. A separate module, because it takes long to compile.
package enum PageResource {
  /// Draws the charts: uPlot by Leon Sorokin, MIT license (`Resources/uPlot.LICENSE.txt`).
  package static var chartProgram: String { text(PackageResources.uPlot_iife_js) }
  package static var chartStyle: String { text(PackageResources.uPlot_min_css) }
  package static var program: String { text(PackageResources.page_js) }
  package static var style: String { text(PackageResources.page_css) }

  /// Version of the chart script, from its header.
  package static var chartVersion: String {
    chartProgram.prefix(400).firstMatch(of: /\(v([\d.]+)\)/).map { String($0.1) } ?? ""
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
