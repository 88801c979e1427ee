#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer, https://llvm.org/docs/LibFuzzer.html: calls `test` with inputs until it crashes, or for as long as the
   arguments say. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));

#endif
