#ifndef GRAPNEL_CPRELUDE_H
#define GRAPNEL_CPRELUDE_H

/// The prelude of an isolate as one script, zero-terminated: `prelude.js`, which `bundle.sh` makes from `source/`.
const char *grapnel_prelude_text(void);

#endif
