import Testing

@testable import WeftBase

/// The folders and names are those of `dirname` and `basename`, the extensions those of Python's `os.path.splitext`.
@Suite("Parts of paths") struct PathPartsTests {
  @Test(arguments: [
    ("x", ".", "x", "x", ""),
    ("é", ".", "é", "é", ""),
    (".", ".", ".", ".", ""),
    ("..", ".", "..", "..", ""),
    ("/", "/", "/", "/", ""),
    ("/x", "/", "x", "x", ""),
    ("a/b", "a", "b", "b", ""),
    ("a/b/", "a", "b", "b", ""),
    ("a//b", "a", "b", "b", ""),
    ("/a/b.c/d.tar.gz", "/a/b.c", "d.tar.gz", "d.tar", "gz"),
    ("./.profile", ".", ".profile", ".profile", ""),
    ("x/.a.h5", "x", ".a.h5", ".a", "h5"),
    ("x.", ".", "x.", "x.", ""),
    ("a/\u{301}b.h5", "a", "\u{301}b.h5", "\u{301}b", "h5"),
  ])
  func parts(path: String, folder: String, name: String, stem: String, ending: String) {
    #expect(Array(PathParts.folder(of: path).utf8) == Array(folder.utf8))
    #expect(Array(PathParts.name(of: path).utf8) == Array(name.utf8))
    #expect(Array(PathParts.stem(of: path).utf8) == Array(stem.utf8))
    #expect(PathParts.ending(of: path) == ending)
  }

  @Test func namesInFolders() {
    #expect(PathParts.path("b", in: "a") == "a/b")
    #expect(PathParts.path("b", in: "a/") == "a/b")
    #expect(PathParts.path("/b", in: "a") == "/b")
    #expect(PathParts.path("b", in: ".") == "b")
    #expect(PathParts.withoutEnding("a.b/c.wav") == "a.b/c")
    #expect(PathParts.withoutEnding("a.b/c") == "a.b/c")
  }
}
