#ifndef WEFT_CPROCESSOR_H
#define WEFT_CPROCESSOR_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static inline uint64_t weft_floating_point_control(void) { return _mm_getcsr(); }
static inline void weft_set_floating_point_control(uint64_t value) { _mm_setcsr((unsigned int)value); }
/* Flush results to zero (bit 15) and read denormal operands as zero (bit 6). */
#define WEFT_FLUSH_DENORMALS 0x8040ULL

/* Asks the operating system to let this process use the tiles of AMX: ARCH_REQ_XCOMP_PERM of the state XFEATURE_XTILEDATA.
   Returns 0 on success. */
static inline int weft_request_tiles(void) {
#if defined(__linux__)
  return (int)syscall(SYS_arch_prctl, 0x1023L, 18L);
#else
  return -1;
#endif
}

#elif defined(__aarch64__)

static inline uint64_t weft_floating_point_control(void) {
  uint64_t value;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(value));
  return value;
}
static inline void weft_set_floating_point_control(uint64_t value) {
  __asm__ __volatile__("msr fpcr, %0" : : "r"(value));
}
/* FZ flushes both operands and results. */
#define WEFT_FLUSH_DENORMALS (1ULL << 24)

#endif

/* Tells the processor that a loop waits for another thread. */
static inline void weft_pause(void) {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/* Asks for the cache line at an address, for reading; any address is allowed. */
static inline void weft_prefetch(const void *address) { __builtin_prefetch(address); }

/* The same, into the L2 cache. */
static inline void weft_prefetch_l2(const void *address) { __builtin_prefetch(address, 0, 2); }

/* SIMD16<UInt16> and SIMD16<UInt32>. */
typedef uint16_t weft_sixteen_halves __attribute__((ext_vector_type(16)));
typedef uint32_t weft_sixteen_words __attribute__((ext_vector_type(16)));

/* Words with these upper halves, and zeros in their lower ones. */
static inline __attribute__((always_inline)) weft_sixteen_words weft_words_of_upper_halves(
    weft_sixteen_halves halves) {
  return __builtin_convertvector(halves, weft_sixteen_words) << 16;
}

/* The upper halves of words. */
static inline __attribute__((always_inline)) weft_sixteen_halves weft_upper_halves(weft_sixteen_words words) {
  return __builtin_convertvector(words >> 16, weft_sixteen_halves);
}

#endif
