#ifndef WEFT_CTILE_H
#define WEFT_CTILE_H

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>

#define WEFT_INLINE static inline __attribute__((always_inline))

/* The tiles of a product C += A B of two by two tiles:

     0 1   C            4   A, upper rows     6   B, left columns
     2 3                5   A, lower rows     7   B, right columns

   A tile has up to 16 rows of 64 bytes. */
struct weft_tile_configuration {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

/* Gives A's and C's upper and lower tiles that many rows; all tiles become zero. Lower ones that are not used get a row,
   as the processor objects to tiles of none. */
WEFT_INLINE void weft_tile_configure(long upper, long lower) {
  struct weft_tile_configuration configuration __attribute__((aligned(64))) = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) configuration.row_bytes[tile] = 64;
  configuration.rows[0] = configuration.rows[1] = configuration.rows[4] = (uint8_t)upper;
  configuration.rows[2] = configuration.rows[3] = configuration.rows[5] = (uint8_t)(lower > 0 ? lower : 1);
  configuration.rows[6] = configuration.rows[7] = 16;
  _tile_loadconfig(&configuration);
}

/* Gives the tiles back, so that the kernel saves none when it switches threads. */
WEFT_INLINE void weft_tile_release(void) { _tile_release(); }

/* Instructions name tiles by constants, as `tile` becomes once inlined. */
#define WEFT_FOR_TILE(tile, statement) \
  switch (tile) {                      \
  case 0: statement(0); break;         \
  case 1: statement(1); break;         \
  case 2: statement(2); break;         \
  case 3: statement(3); break;         \
  case 4: statement(4); break;         \
  case 5: statement(5); break;         \
  case 6: statement(6); break;         \
  default: statement(7); break;        \
  }

WEFT_INLINE void weft_tile_zero(long tile) {
#define WEFT_ZERO(number) _tile_zero(number)
  WEFT_FOR_TILE(tile, WEFT_ZERO)
#undef WEFT_ZERO
}

/* Rows are `stride` bytes apart. */
WEFT_INLINE void weft_tile_load(long tile, const void *rows, long stride) {
#define WEFT_LOAD(number) _tile_loadd(number, rows, stride)
  WEFT_FOR_TILE(tile, WEFT_LOAD)
#undef WEFT_LOAD
}

WEFT_INLINE void weft_tile_store(long tile, void *rows, long stride) {
#define WEFT_STORE(number) _tile_stored(number, rows, stride)
  WEFT_FOR_TILE(tile, WEFT_STORE)
#undef WEFT_STORE
}

/* C tile `tile` += A B over 32 steps of the depth. */
WEFT_INLINE void weft_tile_multiply_add(long tile) {
  switch (tile) {
  case 0: _tile_dpbf16ps(0, 4, 6); break;
  case 1: _tile_dpbf16ps(1, 4, 7); break;
  case 2: _tile_dpbf16ps(2, 5, 6); break;
  default: _tile_dpbf16ps(3, 5, 7); break;
  }
}

/* The upper halves of sixteen words. */
WEFT_INLINE void weft_store_upper_halves(const void *words, void *halves) {
  _mm256_storeu_si256(
      (__m256i *)halves, _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_loadu_si512(words), 16)));
}

/* Transposes 16 x 16 words; both are contiguous and aligned to 64 bytes, and may be the same. */
WEFT_INLINE void weft_transpose_words(const void *source, void *target) {
  const __m512i *rows = (const __m512i *)source;
  __m512i a[16], b[16];
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  /* Quarter q of b[4 k + j] holds column 4 q + j of rows 4 k to 4 k + 3. */
  for (int i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  __m512i *columns = (__m512i *)target;
  for (int j = 0; j < 4; j++) {
    __m512i even_low = _mm512_shuffle_i32x4(b[j], b[4 + j], 0x88);
    __m512i odd_low = _mm512_shuffle_i32x4(b[j], b[4 + j], 0xdd);
    __m512i even_high = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0x88);
    __m512i odd_high = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0xdd);
    columns[j] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    columns[8 + j] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
    columns[4 + j] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    columns[12 + j] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
}

#undef WEFT_FOR_TILE
#undef WEFT_INLINE

#endif
#endif
