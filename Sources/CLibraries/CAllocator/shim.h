#ifndef WEFT_CALLOCATOR_H
#define WEFT_CALLOCATOR_H

#if defined(__linux__)
#include <malloc.h>
#endif

/* From how many bytes on an allocation is a mapping of its own, and how many free bytes stay with the process; nothing
 * happens where the C library has no such settings. */
static inline void weft_set_allocator_thresholds(int mapping, int trimming) {
#if defined(M_MMAP_THRESHOLD) && defined(M_TRIM_THRESHOLD)
  mallopt(M_MMAP_THRESHOLD, mapping);
  mallopt(M_TRIM_THRESHOLD, trimming);
#endif
}

/* In how many arenas, each of which keeps its own free memory, threads allocate. */
static inline void weft_set_allocator_arenas(int arenas) {
#if defined(M_ARENA_MAX)
  mallopt(M_ARENA_MAX, arenas);
#endif
}

#endif
