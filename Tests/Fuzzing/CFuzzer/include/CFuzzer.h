#ifndef GRAPNEL_CFUZZER_H
#define GRAPNEL_CFUZZER_H

#include <stddef.h>
#include <stdint.h>

// libFuzzer's own loop (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library).
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*callback)(const uint8_t *bytes, size_t size));

#endif
