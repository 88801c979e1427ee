// The library's own headers are C++, which Sources/CSentencePiece includes; this module only links the library.
