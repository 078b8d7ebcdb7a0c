#include "CPrelude.h"

static const unsigned char prelude[] = {
#embed "prelude.js"
    , 0};

const char *grapnel_prelude_text(void) { return (const char *)prelude; }
