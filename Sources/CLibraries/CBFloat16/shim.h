#ifndef WEFT_CBFLOAT16_H
#define WEFT_CBFLOAT16_H

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>

/* SIMD16<Float> and SIMD16<UInt32>. */
typedef float weft_vector __attribute__((ext_vector_type(16)));
typedef uint32_t weft_words __attribute__((ext_vector_type(16)));

/* sums + a.upper b.upper, then + a.lower b.lower, each rounded once (VDPBF16PS). */
static inline __attribute__((always_inline)) weft_vector weft_multiply_add_halves(
    weft_vector sums, weft_words a, weft_words b) {
  return (weft_vector)_mm512_dpbf16_ps((__m512)sums, (__m512bh)a, (__m512bh)b);
}

/* Rounded to bfloat16 (VCVTNEPS2BF16): nearest, ties to even, denormals to zeros of their sign. */
static inline __attribute__((always_inline)) weft_words weft_rounded_to_bfloat16(weft_vector values) {
  __m256i halves = (__m256i)_mm512_cvtneps_pbh((__m512)values);
  return (weft_words)_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16);
}

/* SIMD4<UInt64>, and vectors of bfloat16 numbers. */
typedef uint64_t weft_four_pairs __attribute__((ext_vector_type(4)));
typedef uint16_t weft_halves __attribute__((ext_vector_type(16)));
typedef uint16_t weft_more_halves __attribute__((ext_vector_type(32)));

/* Sixteen steps of a row, rounded, four in two words: the even ones, the first in the upper half, and the odd ones. */
static inline __attribute__((always_inline)) weft_four_pairs weft_packed_steps(weft_vector steps) {
  weft_halves halves = (weft_halves)_mm512_cvtneps_pbh((__m512)steps);
  return (weft_four_pairs)__builtin_shufflevector(
      halves, halves, 2, 0, 3, 1, 6, 4, 7, 5, 10, 8, 11, 9, 14, 12, 15, 13);
}

/* The same for four steps of eight rows side by side: `even` has the rows' first steps and then their third ones, `odd`
   the second and the fourth. */
static inline __attribute__((always_inline)) weft_words weft_packed_rows(
    weft_vector even, weft_vector odd) {
  weft_halves first = (weft_halves)_mm512_cvtneps_pbh((__m512)even);
  weft_halves second = (weft_halves)_mm512_cvtneps_pbh((__m512)odd);
  weft_more_halves halves = __builtin_shufflevector(
      first, second, 8, 0, 24, 16, 9, 1, 25, 17, 10, 2, 26, 18, 11, 3, 27, 19, 12, 4, 28, 20, 13, 5,
      29, 21, 14, 6, 30, 22, 15, 7, 31, 23);
  return (weft_words)halves;
}

#endif
#endif
