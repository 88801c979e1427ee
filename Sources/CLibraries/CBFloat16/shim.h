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

#endif
#endif
