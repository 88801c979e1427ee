import CXML
import WeftBase

/// A part of a marked-up document, in the order of the document.
package enum MarkupEvent: Equatable {
  /// The start of an element, with its attributes and the line of the document.
  case begin(String, [String: String], line: Int)
  /// The end of an element.
  case end(String)
  /// Text, of which an element may have several pieces.
  case text(String)
}

/// Reads marked-up documents piece by piece with libxml2. No other file is read, and entities that a document defines are
/// refused.
package final class MarkupParser {
  package enum Form {
    /// Well-formed XML.
    case xml
    /// Documents of SGML: elements without ends, attributes without quotation marks, `&` by itself, names in any case,
    /// which become lower case. Read as UTF-8.
    case sgml
  }

  private let path: String
  private let form: Form
  private var context: UnsafeMutablePointer<xmlParserCtxt>?
  private var events: [MarkupEvent] = []
  private var failure: WeftError?

  /// - Parameter path: The document, for errors.
  package init(_ path: String, form: Form) {
    self.path = path
    self.form = form
  }

  deinit {
    guard let context else { return }
    if form == .xml { xmlFreeParserCtxt(context) } else { htmlFreeParserCtxt(context) }
  }

  /// The line that is read, from 1.
  private var line: Int {
    guard let input = context?.pointee.input else { return 1 }
    return Int(input.pointee.line)
  }

  /// The events of the next bytes of the document; those of all bytes so far, if these are the last.
  ///
  /// - Parameter bytes: At least four the first time, by which XML tells its encoding; none at the end.
  /// - Throws: If the document is not well formed.
  package func events(of bytes: [UInt8]) throws(WeftError) -> [MarkupEvent] {
    guard let count = Int32(exactly: bytes.count) else { preconditionFailure("pieces are small") }
    if context == nil { context = try makeContext() }
    bytes.withUnsafeBytes { raw in
      let start = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      let isLast: Int32 = bytes.isEmpty ? 1 : 0
      _ =
        form == .xml
        ? xmlParseChunk(context, start, count, isLast) : htmlParseChunk(context, start, count, isLast)
    }
    if let failure { throw failure }
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  private func makeContext() throws(WeftError) -> UnsafeMutablePointer<xmlParserCtxt> {
    var handler = Self.handler
    let own = Unmanaged.passUnretained(self).toOpaque()
    let made =
      form == .xml
      ? xmlCreatePushParserCtxt(&handler, own, nil, 0, nil)
      : htmlCreatePushParserCtxt(&handler, own, nil, 0, nil, XML_CHAR_ENCODING_UTF8)
    guard let made else { throw .failure("\(path): there is no memory to read it") }
    if form == .xml {
      _ = xmlCtxtUseOptions(made, Int32(XML_PARSE_NONET.rawValue))
    } else {
      _ = htmlCtxtUseOptions(made, Int32(HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NONET.rawValue))
    }
    return made
  }

  private func add(_ text: UnsafePointer<xmlChar>?, _ count: Int32) {
    guard let text, count > 0 else { return }
    let piece = String(
      decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    if case .text(let before) = events.last {
      events[events.count - 1] = .text(before + piece)
    } else {
      events.append(.text(piece))
    }
  }

  private func fail(_ reason: String, line: Int) {
    if failure == nil { failure = .data("\(path): line \(line): \(reason)") }
  }

  private func fail(_ error: xmlError) {
    let reason = error.message.map { String(cString: $0).prefix { !$0.isNewline } } ?? "unknown reason"
    switch form {
    case .xml:
      // Warnings, and what leaves a document well formed, such as a name space without a definition.
      guard error.level == XML_ERR_FATAL else { return }
      fail("is not well-formed XML: \(reason)", line: Int(error.line))
    case .sgml:
      // What begins no tag is lost.
      guard reason.contains("invalid element name") || error.level == XML_ERR_FATAL else { return }
      fail("has a '<' that begins no tag; write it as &lt;", line: Int(error.line))
    }
  }

  private static func parser(_ data: UnsafeMutableRawPointer?) -> MarkupParser? {
    data.map { Unmanaged<MarkupParser>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What libxml2 calls, with the parser as the first argument.
  private static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    // Without it there are no structured errors.
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElement = { data, name, attributes in
      guard let parser = MarkupParser.parser(data), let name else { return }
      var values: [String: String] = [:]
      // Names and values in turns, up to a null pointer.
      var next = attributes
      while let place = next, let key = place[0] {
        values[String(cString: key)] = place[1].map { String(cString: $0) } ?? ""
        next = place + 2
      }
      parser.events.append(.begin(String(cString: name), values, line: parser.line))
    }
    handler.endElement = { data, name in
      guard let name else { return }
      MarkupParser.parser(data)?.events.append(.end(String(cString: name)))
    }
    handler.startElementNs = { data, name, _, _, _, _, count, _, attributes in
      guard let parser = MarkupParser.parser(data), let name else { return }
      var values: [String: String] = [:]
      for index in 0..<Int(count) {
        // Five pointers each: the name, its prefix, the name space, and the bounds of the value.
        guard let own = attributes.map({ $0 + 5 * index }), let key = own[0], let start = own[3],
          let end = own[4]
        else { continue }
        let prefix = own[1].map { String(cString: $0) + ":" } ?? ""
        let value = UnsafeBufferPointer(start: start, count: end - start)
        values[prefix + String(cString: key)] = String(decoding: value, as: UTF8.self)
      }
      parser.events.append(.begin(String(cString: name), values, line: parser.line))
    }
    handler.endElementNs = { data, name, _, _ in
      guard let name else { return }
      MarkupParser.parser(data)?.events.append(.end(String(cString: name)))
    }
    handler.characters = { data, text, count in MarkupParser.parser(data)?.add(text, count) }
    handler.cdataBlock = { data, text, count in MarkupParser.parser(data)?.add(text, count) }
    handler.ignorableWhitespace = { data, text, count in MarkupParser.parser(data)?.add(text, count) }
    handler.reference = { data, name in
      guard let parser = MarkupParser.parser(data), let name else { return }
      parser.fail("has the entity &\(String(cString: name)); which is none of XML's own", line: parser.line)
    }
    handler.serror = { data, error in
      guard let error else { return }
      MarkupParser.parser(data)?.fail(error.pointee)
    }
    return handler
  }
}
