import Foundation
import Testing

@testable import WeftCommand

/// `weft report --serve`.
@Suite struct ServingTests {
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: localhost:8350", true), ("GET / HTTP/1.1\r\nhost:127.0.0.1", true),
    ("GET / HTTP/1.1\r\nHost: [::1]:80", true), ("GET / HTTP/1.1\r\nHost: evil.example", false),
    ("GET / HTTP/1.1\r\nHost: localhost.evil.example", false),
    ("GET / HTTP/1.1\r\nHost: 127.0.0.1.evil", false),
    ("GET / HTTP/1.1", false),
  ]) func onlyThisMachineIsAnswered(_ head: String, _ isLocal: Bool) throws {
    #expect(try #require(LocalServer.Request(head: head)).isLocal == isLocal)
  }

  @Test(arguments: [
    "", "GET /", "GET / HTTP/2", "GET http://localhost/ HTTP/1.1", "GET / HTTP/1.1\r\nno colon",
    "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example",
  ]) func malformedRequestsAreRefused(_ head: String) {
    #expect(LocalServer.Request(head: head) == nil)
  }

  /// The answer of a server to a request.
  private static func answer(_ request: String, port: Int, in folder: URL) throws -> String {
    let lines = request.split(separator: "\n").map { "\($0)\\r\\n" }.joined() + "\\r\\n"
    return try Command.shell(
      "exec 3<>/dev/tcp/127.0.0.1/\(port); printf '\(lines)' >&3; timeout 20 cat <&3", in: folder
    ).output
  }

  @Test func servesAndFollowsARun() throws {
    try SmallRun.withFolder { folder in
      let arguments = ["train", "small.yaml", "--output", "run"]
      #expect(try Command.run(arguments + ["--until-step", "6"], in: folder).status == 0)
      let port = try LocalServer(port: 0).port
      let server = try Command.start(["report", "run", "--serve", "--port", "\(port)"], in: folder)
      defer { server.send(SIGKILL) }
      var page = ""
      for _ in 0..<300 where page.isEmpty {
        page = try Self.answer("GET / HTTP/1.1\nHost: localhost:\(port)", port: port, in: folder)
        if page.isEmpty { usleep(100_000) }
      }
      #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.contains("ended at step 6"))
      #expect(page.contains("Content-Security-Policy: default-src 'none'"))
      let head = try Self.answer("HEAD / HTTP/1.1\nHost: localhost", port: port, in: folder)
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
      for (request, status) in [
        ("GET / HTTP/1.1\nHost: evil.example", "403 Forbidden"), ("GET / HTTP/1.1", "403 Forbidden"),
        ("POST / HTTP/1.1\nHost: localhost", "405 Method Not Allowed"), ("nonsense", "400 Bad Request"),
        ("GET /etc/passwd HTTP/1.1\nHost: localhost", "404 Not Found"),
        ("GET /../run/best.h5 HTTP/1.1\nHost: localhost", "404 Not Found"),
      ] {
        let answer = try Self.answer(request, port: port, in: folder)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(request): \(answer.prefix(80))")
      }
      func data(_ query: String) throws -> String {
        try Self.answer("GET /data\(query) HTTP/1.1\nHost: localhost", port: port, in: folder)
      }
      let first = try data("")
      let state = try #require(first.firstMatch(of: /"state":"([0-9a-f]+)"/)).1
      #expect(try data("?since=\(state)").hasPrefix("HTTP/1.1 204 "))
      #expect(try Command.run(arguments + ["--resume"], in: folder).status == 0)
      let second = try data("?since=\(state)")
      #expect(second.hasPrefix("HTTP/1.1 200 OK\r\n") && second.contains("ended at step 12"))
      // The port is taken.
      let other = try Command.run("report", "run", "--serve", "--port", "\(port)", in: folder)
      #expect(
        other.status == 1 && other.errors.contains("--port \(port): Address already in use; name another"))
      server.interrupt()
      let ended = try server.finish()
      #expect(ended.status == 130 && ended.errors.isEmpty)
      #expect(ended.output == "http://127.0.0.1:\(port)/ (Ctrl-C ends)\n")
    }
  }
}
