// The library for float samples; the macro that releases a plan is a function here.
#ifndef CKISSFFT_SHIM_H
#define CKISSFFT_SHIM_H

#include <kissfft/kiss_fftr.h>
#include <stdlib.h>

static inline void ckissfft_free(kiss_fftr_cfg plan) { kiss_fftr_free(plan); }

#endif
