// The library's own headers are C++, which CSentencePiece beside it includes; this module only links the library.
