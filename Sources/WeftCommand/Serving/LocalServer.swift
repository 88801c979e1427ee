import Foundation
import Synchronization
import WeftBase

/// A small HTTP/1.1 server for this machine only: it answers GET and HEAD, one request per connection.
///
/// It refuses requests whose `Host` is not this machine, so that no page of another site can read it under a name of its
/// own (DNS rebinding).
final class LocalServer: Sendable {
  /// An answer.
  struct Answer: Sendable {
    var status = "200 OK"
    var type = "text/html; charset=utf-8"
    var body: [UInt8] = []

    /// An answer of a line of text.
    static func text(_ status: String) -> Answer {
      Answer(status: status, type: "text/plain; charset=utf-8", body: Array("\(status)\n".utf8))
    }
  }

  /// A request.
  struct Request: Equatable {
    let method: Substring
    /// Without the query.
    let path: Substring
    /// After the question mark; empty for none.
    let query: Substring
    let host: Substring?

    /// Parses the head of a request; nil if it is malformed.
    init?(head: String) {
      let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
      let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0", words[1].hasPrefix("/") else {
        return nil
      }
      var hosts: [Substring] = []
      for line in lines.dropFirst() where !line.isEmpty {
        guard let colon = line.firstIndex(of: ":"), line[..<colon].allSatisfy({ $0.isASCII && $0 != " " })
        else {
          return nil
        }
        if line[..<colon].lowercased() == "host" {
          hosts.append(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
        }
      }
      guard hosts.count <= 1 else { return nil }
      method = words[0]
      let parts = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
      path = parts[0]
      query = parts.count > 1 ? parts[1] : ""
      host = hosts.first.map { host in host.prefix { $0 != " " && $0 != "\t" } }
    }

    /// Whether the host is this machine, at any port, as a tunnel may have another.
    var isLocal: Bool {
      host?.wholeMatch(of: /(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?/.ignoresCase()) != nil
    }
  }

  private static let (maximumHeadCount, maximumConnections) = (8192, 32)
  private static let patience = timeval(tv_sec: 5, tv_usec: 0)

  private let listener: Int32
  /// The port that it listens at.
  let port: Int
  private let connections = Atomic<Int>(0)

  /// Starts to listen.
  ///
  /// - Parameter port: 0 for any free one.
  /// - Throws: If the port is taken.
  init(port: Int) throws(WeftError) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw .system("no socket can be made", errno) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(descriptor, address, length) == 0, listen(descriptor, 16) == 0,
          getsockname(descriptor, address, &length) == 0
        else { return errno }
        return 0
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw .failure(
        "--port \(port): \(String(cString: strerror(code))); name another port, or 0 for any free one")
    }
    listener = descriptor
    self.port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(listener) }

  /// Answers requests until `isEnded`, which is asked several times a second.
  ///
  /// - Parameter answer: Called from several threads with the path and the query.
  func run(until isEnded: () -> Bool, answer: @escaping @Sendable (Substring, Substring) -> Answer) {
    while !isEnded() {
      var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 200) > 0 else { continue }
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { continue }
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
      for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
        var patience = Self.patience
        setsockopt(connection, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
      }
      guard connections.load(ordering: .relaxed) < Self.maximumConnections else {
        close(connection)
        continue
      }
      connections.add(1, ordering: .relaxed)
      Thread.detachNewThread { [self] in
        serve(connection, answer)
        close(connection)
        connections.subtract(1, ordering: .relaxed)
      }
    }
  }

  private func serve(_ connection: Int32, _ answer: (Substring, Substring) -> Answer) {
    let head = Self.head(connection)
    guard let head, let request = Request(head: head) else {
      return Self.send(.text("400 Bad Request"), to: connection, withBody: true)
    }
    let hasBody = request.method != "HEAD"
    guard request.isLocal else {
      return Self.send(.text("403 Forbidden"), to: connection, withBody: hasBody)
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return Self.send(.text("405 Method Not Allowed"), to: connection, withBody: true)
    }
    Self.send(answer(request.path, request.query), to: connection, withBody: hasBody)
  }

  /// The head of a request, up to the empty line; nil if it is too long, not text, or takes too long.
  private static func head(_ connection: Int32) -> String? {
    let deadline = ContinuousClock.now + .seconds(10)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 2048)
    let end = Array("\r\n\r\n".utf8)
    while bytes.count <= maximumHeadCount, ContinuousClock.now < deadline {
      let count = recv(connection, &block, block.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      bytes += block[..<count]
      if let place = bytes.firstRange(of: end) {
        return String(validating: bytes[..<place.lowerBound], as: UTF8.self)
      }
    }
    return nil
  }

  private static func send(_ answer: Answer, to connection: Int32, withBody: Bool) {
    let allowed = answer.status.hasPrefix("405") ? "Allow: GET, HEAD\r\n" : ""
    let head = """
      HTTP/1.1 \(answer.status)\r
      Content-Type: \(answer.type)\r
      Content-Length: \(answer.body.count)\r
      Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
      img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r
      X-Content-Type-Options: nosniff\r
      Cross-Origin-Resource-Policy: same-origin\r
      Referrer-Policy: no-referrer\r
      Cache-Control: no-store\r
      \(allowed)Connection: close\r
      \r

      """
    let bytes = Array(head.utf8) + (withBody ? answer.body : [])
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      sent += count
    }
    // What the client still sends would otherwise make the system drop the answer.
    shutdown(connection, Int32(SHUT_WR))
    var rest = [UInt8](repeating: 0, count: 1024)
    for _ in 0..<8 where recv(connection, &rest, rest.count, 0) > 0 {}
  }
}
