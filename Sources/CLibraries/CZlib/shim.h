// zlib's initialiser is a macro, which Swift cannot import.
#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

// Prepares to inflate a stream without zlib's own header, as ZIP archives hold it.
static inline int czlib_begin_raw_inflation(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

// Prepares to inflate a stream with zlib's header.
static inline int czlib_begin_inflation(z_stream *stream) { return inflateInit(stream); }

// Prepares to inflate one member of a gzip file.
static inline int czlib_begin_gzip_inflation(z_stream *stream) { return inflateInit2(stream, MAX_WBITS + 16); }

#endif
