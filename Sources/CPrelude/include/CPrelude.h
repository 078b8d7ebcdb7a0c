#ifndef GRAPNEL_CPRELUDE_H
#define GRAPNEL_CPRELUDE_H

#include <stddef.h>

/// The prelude of an isolate as one script, zero-terminated: `prelude.js`, which `bundle.sh` makes from `source/`.
extern const unsigned char grapnel_prelude[];
/// Its length without the zero.
extern const size_t grapnel_prelude_length;

#endif
